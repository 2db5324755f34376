package redact

import (
	"net/url"
	"slices"
	"strings"
)

// Text removes the secrets that it can recognize in a text:
//
//   - the user information in URLs, and the values of their parameters with the names
//     of secrets;
//   - what comes after the name of a secret and a colon, as in YAML and in headers: the
//     rest of the line, and the lines that continue the value;
//   - the numbers of payment cards.
func Text(text string) string {
	return lines(urls(cards(text)), func(string) {})
}

// cards removes the numbers of payment cards: 13 to 19 digits, which may be grouped by
// spaces or hyphens. The first digit is from 2 to 6, and the last one is the check
// digit of ISO/IEC 7812-1. It keeps numbers after a plus sign, which are telephone
// numbers.
func cards(text string) string {
	var b strings.Builder
	kept := 0
	for at := 0; at < len(text); at++ {
		if !isDigit(text[at]) {
			continue
		}
		end := cardEnd(text[at:]) + at
		if end > at && text[at] >= '2' && text[at] <= '6' && (at == 0 || !isWord(text[at-1]) && !strings.ContainsRune("+.-", rune(text[at-1]))) && (end == len(text) || !isWord(text[end])) {
			b.WriteString(text[kept:at])
			b.WriteString(Mark)
			kept = end
		}
		for at < len(text) && (isDigit(text[at]) || at < end) {
			at++
		}
	}
	if kept == 0 {
		return text
	}
	return b.String() + text[kept:]
}

// cardEnd returns where the card number ends that a text begins with, or 0 if the text
// does not begin with one. It does not check the first digit.
func cardEnd(text string) int {
	var digits []int
	end := 0
	for i := 0; i < len(text) && i <= end+1 && len(digits) < 20; i++ {
		switch c := text[i]; {
		case isDigit(c):
			digits = append(digits, int(c-'0'))
			end = i + 1
		case c != ' ' && c != '-':
			i = len(text)
		}
	}
	sum := 0
	for i, n := range digits {
		if (len(digits)-i)%2 == 0 {
			n = 2*n/10 + 2*n%10
		}
		sum += n
	}
	if len(digits) < 13 || len(digits) > 19 || sum%10 != 0 {
		return 0
	}
	return end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWord reports whether a byte belongs to a letter, a digit or an underscore.
func isWord(c byte) bool {
	return isDigit(c) || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}

// urls removes the secrets in the URLs in a text.
func urls(text string) string {
	return eachURL(text, func(u string) string { return query(withoutUserinfo(u)) })
}

// eachURL replaces each URL with an authority and each SIP URI in a text by the result
// of change. change gets, and returns, the URL without its scheme and the colon.
func eachURL(text string, change func(string) string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	var b strings.Builder
	rest := text
	for {
		at := strings.IndexByte(rest, ':')
		if at < 0 {
			break
		}
		scheme := rest[:at]
		b.WriteString(rest[:at+1])
		rest = rest[at+1:]
		if !strings.HasPrefix(rest, "//") && !isSIP(scheme) {
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool {
			return r <= ' ' || r == '"' || r == '<' || r == '>' || r == '\\' || r == '`'
		})
		if end < 0 {
			end = len(rest)
		}
		b.WriteString(change(rest[:end]))
		rest = rest[end:]
	}
	if b.Len() == 0 {
		return text
	}
	return b.String() + rest
}

// isSIP reports whether a text ends with the scheme of a SIP URI: sip or sips.
func isSIP(text string) bool {
	text = strings.ToLower(text[max(0, len(text)-4):])
	return strings.HasSuffix(text, "sip") || text == "sips"
}

// withoutUserinfo removes the user information from a URL (RFC 3986, section 3.2.1),
// and only the password from a SIP URI (RFC 3261, section 19.1.1). The URL has no
// scheme.
func withoutUserinfo(u string) string {
	rest, authority := strings.CutPrefix(u, "//")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	switch {
	case at <= 0:
		return u
	case authority:
		return "//" + Mark + rest[at:]
	}
	user, _, found := strings.Cut(rest[:at], ":")
	if !found {
		return u
	}
	return user + ":" + Mark + rest[at:]
}

// query removes the values of secret parameters from a URL.
func query(u string) string {
	before, rest, found := strings.Cut(u, "?")
	if !found {
		return u
	}
	parameters, fragment, hash := strings.Cut(rest, "#")
	if u = before + "?" + Query(parameters); hash {
		u += "#" + fragment
	}
	return u
}

// lines removes the values of secrets from a text with names and values, such as YAML:
// what comes after the name of a secret and a colon, and the lines that continue it. Of
// a flow mapping, as in {a: b}, it removes more than the value. lines calls found with
// each part that it removes.
func lines(text string, found func(string)) string {
	if !strings.Contains(text, ":") {
		return text
	}
	all := strings.SplitAfter(text, "\n")
	headers := slices.ContainsFunc(all, func(line string) bool {
		return afterName(line, func(name, value string) bool { return name == "name" && Name(value) }) > 0
	})
	// The column of the last secret's name, or -1, and whether nothing follows it on its line.
	column, open := -1, false
	for i, line := range all {
		content := strings.TrimSpace(line)
		if content == "" {
			continue
		}
		at := strings.Index(line, content)
		continued := column >= 0 && at > column || open && (!strings.Contains(content, ":") || at == column && content[0] == '-')
		if !continued {
			indent := at
			at = afterName(line, func(name, _ string) bool { return Name(name) || headers && name == "value" })
			if column, open = -1, false; at == 0 {
				continue
			}
			if column = indent; strings.Count(line[:at], ":") == 1 {
				column = len(line) - len(strings.TrimLeft(line, " \t-"))
			}
		}
		value := strings.TrimSpace(line[at:])
		if open = open || value == ""; value != "" {
			found(value)
			all[i] = line[:at] + Mark + line[at+len(value):]
		}
	}
	return strings.Join(all, "")
}

// afterName returns the index in a line after a name, a colon and white space: after the
// first name for which is returns true, or 0 if there is none.
func afterName(line string, is func(name, value string) bool) int {
	const quotes = " \t\r\n'\""
	for at, c := range line {
		if c != ':' {
			continue
		}
		name := strings.TrimRight(line[:at], quotes)
		name = name[strings.LastIndexAny(name, "{[,:'\"")+1:]
		rest := strings.TrimLeft(line[at+1:], " \t\r\n")
		value := rest[:min(len(rest), 100)] // which is enough for the name of a header
		if end := strings.IndexAny(value, ",}"); end >= 0 {
			value = value[:end]
		}
		if is(strings.Trim(name, " \t-"), strings.Trim(value, quotes)) {
			return len(line) - len(rest)
		}
	}
	return 0
}

// passwords returns the secrets in a text: what lines removes, and in URLs the values of
// secret parameters, and the user information and the password in it, both as they are
// written and without escapes.
func passwords(text string) (found []string) {
	add := func(s string) {
		found = append(found, s)
		if plain, err := url.PathUnescape(s); err == nil && plain != s {
			found = append(found, plain)
		}
	}
	eachURL(text, func(u string) string {
		_, parameters, _ := strings.Cut(u, "?")
		parameters, _, _ = strings.Cut(parameters, "#")
		found = append(found, QuerySecrets(parameters)...)
		rest, authority := strings.CutPrefix(u, "//")
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			rest = rest[:end]
		}
		if at := strings.LastIndexByte(rest, '@'); at > 0 {
			_, password, both := strings.Cut(rest[:at], ":")
			if both {
				add(password)
			}
			if authority {
				add(rest[:at])
			}
		}
		return u
	})
	lines(text, func(value string) {
		first, _, _ := strings.Cut(value, ",") // in a flow mapping
		for _, s := range []string{value, first} {
			s = strings.Trim(s, "- '\"{}[],|>")
			_, after, _ := strings.Cut(s, " ") // as in "Bearer x"
			found = append(found, s, after)
		}
	})
	return found
}
