package signalwiretest

import "slices"

// requireOperation returns the operation with an id, and fails the test if the API has
// none. method is the method of the Space that got the id from the test.
func (s *Space) requireOperation(method, id string) *operation {
	s.tb.Helper()
	all := s.description.operations()
	var ids []string
	for _, op := range all {
		ids = append(ids, op.id)
	}
	i := slices.Index(ids, id)
	if i < 0 {
		s.tb.Fatalf("signalwiretest: %s: the API has no operation %q; the nearest is %q, and signalwire.Operations returns all", method, id, nearest(ids, id))
	}
	return all[i]
}

// nearest returns the name that is most similar to a string.
func nearest(names []string, text string) string {
	return slices.MinFunc(names, func(a, b string) int { return distance(a, text) - distance(b, text) })
}

// misspelled returns which of several names is probably meant by one that is not among
// them: one that differs in at most a third of the bytes. It returns "" if there is none,
// and if the name is among them.
func misspelled(name string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	other := nearest(names, name)
	if n := distance(other, name); n == 0 || 3*n > len(name) {
		return ""
	}
	return other
}

// distance returns the Levenshtein distance of two strings: how many bytes have to be
// inserted, deleted or replaced to make one of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
