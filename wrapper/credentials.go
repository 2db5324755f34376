package signalwire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// secret returns a secret value. It is a function because printing or dumping a struct
// does not show what a function holds.
type secret func() string

// newSecret returns a secret with this value.
func newSecret(value string) secret { return func() string { return value } }

// secretHeader is a secret for the values of a header. The slice is made once, and shared
// by all requests.
type secretHeader func() []string

// newSecretHeader returns a secretHeader with this single value.
func newSecretHeader(value string) secretHeader {
	values := []string{value}
	return func() []string { return values }
}

// credentials are the credentials of a call. Copies are independent: the methods that
// change credentials replace the map and the slice.
type credentials struct {
	// authorization has the value of the Authorization header for each kind of
	// credentials that is set.
	authorization map[gen.Security]secretHeader
	// basic is the function of [WithCredentialsFunc]. If it is not nil, its result
	// replaces the credentials for HTTP Basic authentication before each attempt.
	basic func(context.Context) (projectID, apiToken string, err error)
	// secrets has all credentials that were set, including those that were replaced, so
	// that they can be redacted.
	secrets []secret
}

// setBasic sets credentials for HTTP Basic authentication.
func (c *credentials) setBasic(projectID, apiToken string) error {
	if projectID == "" || strings.ContainsFunc(projectID, notInCredentials) || strings.Contains(projectID, ":") {
		return errors.New("credentials: the project id is empty or holds white space, a control character or a colon; expected the UUID from the dashboard")
	}
	if apiToken == "" || strings.ContainsFunc(apiToken, notInCredentials) {
		return errors.New("credentials: the API token is empty or holds white space or a control character; expected it as the dashboard shows it")
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(projectID + ":" + apiToken))
	c.set(gen.SecurityBasic, "Basic "+encoded, encoded, apiToken, projectID)
	c.basic = nil
	return nil
}

// setBearer sets a bearer token.
func (c *credentials) setBearer(token string) error {
	if token == "" || strings.ContainsFunc(token, notInCredentials) {
		return errors.New("bearer token: expected a string without white space and control characters that is not empty")
	}
	c.set(gen.SecurityBearer, "Bearer "+token, token)
	return nil
}

// set sets the Authorization header for one kind of credentials, and adds secrets to
// those to be redacted.
func (c *credentials) set(kind gen.Security, header string, secrets ...string) {
	c.authorization = maps.Clone(c.authorization)
	if c.authorization == nil {
		c.authorization = map[gen.Security]secretHeader{}
	}
	c.authorization[kind] = newSecretHeader(header)
	c.secrets = slices.Clip(c.secrets)
	for _, s := range secrets {
		c.secrets = append(c.secrets, newSecret(s))
	}
}

// notInCredentials reports whether r must not occur in credentials: they are printable
// ASCII without spaces.
func notInCredentials(r rune) bool { return r <= ' ' || r >= 0x7f }

// secretValues returns all credentials, for redaction.
func (c *credentials) secretValues() []string {
	values := make([]string, len(c.secrets))
	for i, s := range c.secrets {
		values[i] = s()
	}
	return values
}

// kind returns the first of the kinds for which credentials are set. It returns an error
// if there are none.
func (c *credentials) kind(kinds []gen.Security) (gen.Security, error) {
	for _, kind := range kinds {
		if c.authorization[kind] != nil || kind == gen.SecurityBasic && c.basic != nil {
			return kind, nil
		}
	}
	return "", fmt.Errorf("no credentials for this operation: expected %s", credentialOptions(kinds))
}

// header returns the Authorization header for an operation that accepts these kinds of
// credentials, or nil if there are no kinds. It calls the function of
// [WithCredentialsFunc] and stores the credentials that it returns.
func (c *credentials) header(ctx context.Context, kinds []gen.Security) ([]string, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	kind, err := c.kind(kinds)
	if err != nil {
		return nil, err
	}
	if basic := c.basic; basic != nil && kind == gen.SecurityBasic {
		projectID, apiToken, err := basic(ctx)
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		if err := c.setBasic(projectID, apiToken); err != nil {
			return nil, err
		}
		c.basic = basic // setBasic has removed it
	}
	return c.authorization[kind](), nil
}

// credentialOptions returns the names of the options that set these kinds of credentials,
// for an error message.
func credentialOptions(kinds []gen.Security) string {
	var names []string
	for _, k := range kinds {
		switch k {
		case gen.SecurityBasic:
			names = append(names, "WithCredentials")
		case gen.SecurityBearer:
			names = append(names, "WithBearerToken")
		default:
			names = append(names, string(k)+" (which this version does not know)")
		}
	}
	return strings.Join(names, " or ")
}
