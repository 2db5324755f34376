package generate

import (
	"regexp"
	"strings"
)

var (
	fieldComment = regexp.MustCompile(`(?m)^(\t+)// (\w+) (.*(?:\n\t+//.*)*)\n(\t+)(\w+) `)
	noComment    = regexp.MustCompile(`(?m)^// (\w+) is \S+ in the API's description\.$`)
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
	fields := fieldsOfTypes(client)
	client = noComment.ReplaceAllStringFunc(client, func(text string) string {
		name := noComment.FindStringSubmatch(text)[1]
		if fields[name] == "" {
			return text
		}
		return "// " + name + " " + fields[name] + "."
	})
	return deprecated.ReplaceAllString(client, "$1// $2\n$1//\n$1// Deprecated: ")
}

// sentence makes a description one that follows the name of a type.
func sentence(description string) string {
	word, _, _ := strings.Cut(description, " ")
	small := strings.ToLower(description[:1]) + description[1:]
	switch word {
	case "A", "An", "The", "Always":
		return "is " + small
	case "How", "What", "Which", "Whether", "Where", "Who", "Why", "As":
		return "says " + small
	}
	switch {
	case small == description: // a value that is explained
		return "is an enumeration: " + description
	case strings.Contains(word, "'") || len(word) > 1 && word[1:] != strings.ToLower(word[1:]): // a name
		return "represents " + description
	}
	return "represents " + small
}

var (
	structOrField = regexp.MustCompile("(?m)^(?:type (\\w+) struct|\\t(\\w+) +(\\S+) +`)")
	exportedType  = regexp.MustCompile(`(?:^|[^.\w])([A-Z]\w*)`)
)

// fieldsOfTypes says of each type that is used in a struct what the first field that
// has it makes of it, such as "is the type of [Call.State]".
func fieldsOfTypes(client string) map[string]string {
	found := map[string]string{}
	structure := ""
	for _, line := range structOrField.FindAllStringSubmatch(client, -1) {
		if line[1] != "" {
			structure = line[1]
			continue
		}
		what := "is the type of [" + structure + "." + line[2] + "]"
		switch {
		case strings.Contains(line[3], "[]"):
			what = "is an element of [" + structure + "." + line[2] + "]"
		case line[2] == "Params":
			what = "has the parameters of [" + structure + "]"
		}
		for _, used := range exportedType.FindAllStringSubmatch(line[3], -1) {
			if found[used[1]] == "" {
				found[used[1]] = what
			}
		}
	}
	return found
}
