package main

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// settleIDs gives the operations of foreign documents unique ids, which become
// Go names. An operation that we ship keeps the id that it has there, whatever
// the documents call it now; of several others with one id, each gets one that
// ends in its path, so that it does not depend on the rest.
func (m *merger) settleIDs(root *yaml.Node) {
	same := samePaths(get(m.intake.shipped, "paths"), get(root, "paths"))
	here := map[string]bool{}
	eachPathOperation(root, func(method, path, _ *yaml.Node) { here[method.Value+" "+same[path.Value]] = true })
	shipped := map[string]string{} // ids by method and path
	owned := map[string]bool{}     // names in Go of what we ship and is here
	eachPathOperation(m.intake.shipped, func(method, path, operation *yaml.Node) {
		key, id := method.Value+" "+path.Value, idOf(operation)
		shipped[key] = id
		if here[key] {
			owned[m.goName(id)], owned[m.goNameOf(id, operation)] = true, true
		} else {
			m.intake.note(sectionMissing, "%s, `%s`", operationName(method, path), id)
		}
	})
	count := map[string]int{}
	eachPathOperation(root, func(method, path, operation *yaml.Node) {
		id := get(operation, "operationId")
		if id == nil || id.Value == "" {
			remove(operation, "operationId")
			id = m.text(derivedID(method.Value, "", path.Value), method)
			operation.Content = append(operation.Content, m.text("operationId", method), id)
			m.intake.note(sectionNames, "%s (%s) has no operationId; it is called `%s`", operationName(method, path), m.at(method), id.Value)
		}
		if ours := shipped[method.Value+" "+same[path.Value]]; ours == "" {
			count[m.goName(id.Value)]++
		} else if ours != id.Value {
			m.intake.note(sectionNames, "%s: the operationId is `%s` here (%s) and stays `%s`, as shipped", operationName(method, path), id.Value, m.at(id), ours)
			id.Value = ours
		}
	})
	others := func(visit func(method, path, id *yaml.Node)) {
		eachPathOperation(root, func(method, path, operation *yaml.Node) {
			if shipped[method.Value+" "+same[path.Value]] == "" {
				visit(method, path, get(operation, "operationId"))
			}
		})
	}
	taken := func(name string) bool { return count[name] > 1 || owned[name] }
	derived := map[string]int{}
	others(func(method, path, id *yaml.Node) {
		if taken(m.goName(id.Value)) {
			derived[m.goName(derivedID(method.Value, id.Value, path.Value))]++
		}
	})
	others(func(method, path, id *yaml.Node) {
		if taken(m.goName(id.Value)) {
			fresh := derivedID(method.Value, id.Value, path.Value)
			if name := m.goName(fresh); derived[name] > 1 || count[name] > 0 || owned[name] {
				fresh = id.Value + "_" + derivedID(method.Value, "", path.Value)
			}
			m.intake.note(sectionSettle, "%s: another operation is called `%s`, too (%s); this one is now `%s`:\n%s", operationName(method, path),
				id.Value, m.at(id), fresh, fenced(overlayLines(method.Value, path.Value, "operationId", fresh)))
			id.Value = fresh
		}
		m.intake.note(sectionNew, "%s, `%s`", operationName(method, path), id.Value)
	})
}

func operationName(method, path *yaml.Node) string {
	return "`" + strings.ToUpper(method.Value) + " " + path.Value + "`"
}

// derivedID is an operationId that ends in the path. Without one to begin with
// it says the method and the path's parameters, too.
func derivedID(method, id, path string) string {
	words := []string{id}
	if id == "" {
		words[0] = method
	}
	for _, part := range strings.Split(path, "/") {
		switch {
		case strings.HasPrefix(part, "{") && id == "":
			words = append(words, "by_"+strings.Trim(part, "{}"))
		case part != "" && part != "api" && !strings.HasPrefix(part, "{"):
			words = append(words, part)
		}
	}
	return strings.Join(words, "_")
}

// overlayLines are the lines of an overlay that set a field of an operation.
func overlayLines(method, path, field, value string) string {
	return "  - target: $.paths['" + path + "']." + method + "\n" +
		"    description: Another operation has this name, too.\n" +
		"    update:\n      " + field + ": " + value
}
