package generate

import (
	"cmp"
	"regexp"
	"strings"
)

var (
	fieldComment = regexp.MustCompile(`(?m)^(\t+)// (\w+) (.*(?:\n\t+//.*)*)\n(\t+)(\w+) `)
	noComment    = regexp.MustCompile(`(?m)^// (\w+) is \S+ in the API's description\.$`)
	others       = regexp.MustCompile(`(?m)^(\t+)AdditionalProperties `)
	deprecated   = regexp.MustCompile(`(?m)^([ \t]*)// (.+)\n[ \t]*// Deprecated: `)
	longComment  = regexp.MustCompile(`(?m)^\t*// \S.{92,}$`)
)

// rewriteComments rewrites comments that oapi-codegen writes without a template:
//
//   - Before the description of a field, it removes the name of the field.
//     "// Name Shown to callers." becomes "// Shown to callers."
//   - A type without a description, for which the templates have a placeholder, is
//     described by the first field that has it, or else by the first method that sends or
//     returns it: "// CallState is the type of [Call.State]."
//   - "Deprecated: " begins a paragraph, as tools expect.
//   - AdditionalProperties gets a comment.
//   - The limits of a field, which describeLimits has appended to its description, become
//     further sentences of the comment.
//   - Lines of more than 95 characters are wrapped, unless they are the address of a page.
func rewriteComments(client string) string {
	client = fieldComment.ReplaceAllStringFunc(client, func(text string) string {
		found := fieldComment.FindStringSubmatch(text)
		if found[2] != found[5] {
			return text
		}
		return found[1] + "// " + found[3] + "\n" + found[4] + found[5] + " "
	})
	client = others.ReplaceAllString(client, "$1// Members that have no field of their own.\n$0")
	client = strings.NewReplacer("// "+limitsMark, "// ", limitsMark, " ").Replace(client)
	uses := usesOfTypes(client)
	client = noComment.ReplaceAllStringFunc(client, func(text string) string {
		name := noComment.FindStringSubmatch(text)[1]
		if uses[name] == "" {
			return text
		}
		return "// " + name + " " + uses[name] + "."
	})
	client = deprecated.ReplaceAllString(client, "$1// $2\n$1//\n$1// Deprecated: ")
	return longComment.ReplaceAllStringFunc(client, func(line string) string {
		indent, text, _ := strings.Cut(line, "// ")
		if strings.HasPrefix(text, "Documentation: ") {
			return line
		}
		return indent + strings.ReplaceAll(Comment(text), "\n", "\n"+indent)
	})
}

// Comment wraps text into the lines of a Go comment.
func Comment(text string) string {
	var b strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 80 && line != "//" {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line
}

// sentence returns a description as the predicate of a sentence whose subject is the
// name of a type: "A queue." becomes "is a queue.". It returns "" if there is none.
// Templates call it.
func sentence(description string) string {
	description, _, _ = strings.Cut(description, limitsMark)
	if description == "" {
		return ""
	}
	word, _, _ := strings.Cut(description, " ")
	lower := strings.ToLower(description[:1]) + description[1:]
	switch word {
	case "A", "An", "The", "Always":
		return "is " + lower
	case "How", "What", "Which", "Whether", "Where", "Who", "Why", "As":
		return "says " + lower
	}
	isName := strings.Contains(word, "'") || len(word) > 1 && word[1:] != strings.ToLower(word[1:])
	switch {
	case lower == description: // It begins with a value of an enumeration.
		return "is an enumeration: " + description
	case isName:
		return "represents " + description
	}
	return "represents " + lower
}

var (
	structOrField = regexp.MustCompile("(?m)^(?:type (\\w+) struct|\\t(\\w+) +(\\S+) +`)")
	exportedType  = regexp.MustCompile(`(?:^|[^.\w])([A-Z]\w*)`)
	signature     = regexp.MustCompile(`(?m)^func \(s \*?(\w+)\) (\w+)\(ctx context\.Context, (?:.*\bbody (\w+), )?.*\) \(\*?(\w+), error\)`)
)

// usesOfTypes returns, for each type that a struct has a field of, a predicate about
// the first of these fields, such as "is the type of [Call.State]", and for others that
// methods send or return, one about the first of these.
func usesOfTypes(client string) map[string]string {
	uses := map[string]string{}
	structName := ""
	for _, match := range structOrField.FindAllStringSubmatch(client, -1) {
		if match[1] != "" {
			structName = match[1]
			continue
		}
		field, goType := match[2], match[3]
		use := "is the type of [" + structName + "." + field + "]"
		switch {
		case strings.Contains(goType, "[]"):
			use = "is an element of [" + structName + "." + field + "]"
		case field == "Params":
			use = "has the parameters of [" + structName + "]"
		}
		for _, used := range exportedType.FindAllStringSubmatch(goType, -1) {
			if uses[used[1]] == "" {
				uses[used[1]] = use
			}
		}
	}
	for _, match := range signature.FindAllStringSubmatch(client, -1) {
		method := "[" + match[1] + "." + match[2] + "]"
		uses[match[3]] = cmp.Or(uses[match[3]], "is what "+method+" sends")
		uses[match[4]] = cmp.Or(uses[match[4]], "is what "+method+" returns")
	}
	return uses
}
