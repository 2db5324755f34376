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

// secret holds a value where no way of printing or dumping a struct shows it.
type secret func() string

func newSecret(value string) secret { return func() string { return value } }

// secretHeader is the same for the values of a header, which are made once.
type secretHeader func() []string

func newSecretHeader(value string) secretHeader {
	values := []string{value}
	return func() []string { return values }
}

// credentials are what a call can authenticate with. A copy shares nothing that
// is changed: the methods that change credentials replace the map and the slice.
type credentials struct {
	// authorization has the Authorization header for each kind of credentials.
	authorization map[gen.Security]secretHeader
	// basic returns credentials for HTTP Basic authentication. If it is not
	// nil, it is used instead of those in authorization.
	basic func(context.Context) (projectID, apiToken string, err error)
	// secrets are all credentials that were ever set, replaced ones included.
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
		return errors.New("bearer token: empty, or with white space or a control character in it")
	}
	c.set(gen.SecurityBearer, "Bearer "+token, token)
	return nil
}

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

func notInCredentials(r rune) bool { return r <= ' ' || r >= 0x7f }

// secretValues returns the credentials that must not be shown.
func (c *credentials) secretValues() []string {
	values := make([]string, len(c.secrets))
	for i, s := range c.secrets {
		values[i] = s()
	}
	return values
}

// kind returns the first of the kinds for which there are credentials.
func (c *credentials) kind(kinds []gen.Security) (gen.Security, error) {
	for _, kind := range kinds {
		if c.authorization[kind] != nil || kind == gen.SecurityBasic && c.basic != nil {
			return kind, nil
		}
	}
	return "", fmt.Errorf("the client has no credentials that the operation takes: expected %s", credentialOptions(kinds))
}

// header returns the Authorization header for one of the kinds of credentials,
// or nil if there are no kinds. It asks the function of [WithCredentialsFunc]
// and keeps what that returns.
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
		c.basic = basic // for the next attempt
	}
	return c.authorization[kind](), nil
}

// credentialOptions names the options that set the credentials of one of these
// kinds.
func credentialOptions(kinds []gen.Security) string {
	options := map[gen.Security]string{
		gen.SecurityBasic:  "WithCredentials",
		gen.SecurityBearer: "WithBearerToken",
	}
	var names []string
	for _, k := range kinds {
		if name, ok := options[k]; ok {
			names = append(names, name)
		} else {
			names = append(names, string(k)+" (which this version does not know)")
		}
	}
	return strings.Join(names, " or ")
}
