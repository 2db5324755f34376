package generate

import (
	"regexp"
	"strings"
)

var (
	fieldComment = regexp.MustCompile(`(?m)^(\t+)// (\w+) (.*(?:\n\t+//.*)*)\n(\t+)(\w+) `)
	article      = regexp.MustCompile(`(?m)^// (\w+): (A|An|The) `)
	deprecated   = regexp.MustCompile(`(?m)^([ \t]*)// (.+)\n[ \t]*// Deprecated: `)
)

// mendComments turns what the generator writes into comments as people write
// them: without the name of a field before a sentence that does not have it as its
// subject, and with a deprecation in a paragraph of its own, where tools look for
// it.
func mendComments(client string) string {
	client = fieldComment.ReplaceAllStringFunc(client, func(text string) string {
		found := fieldComment.FindStringSubmatch(text)
		if found[2] != found[5] {
			return text
		}
		return found[1] + "// " + found[3] + "\n" + found[4] + found[5] + " "
	})
	client = article.ReplaceAllStringFunc(client, func(text string) string {
		found := article.FindStringSubmatch(text)
		return "// " + found[1] + " is " + strings.ToLower(found[2]) + " "
	})
	return deprecated.ReplaceAllString(client, "$1// $2\n$1//\n$1// Deprecated: ")
}
