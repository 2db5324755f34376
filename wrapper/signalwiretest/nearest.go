package signalwiretest

import "slices"

// requireOperation returns the operation with an id, and fails the test if the API has
// none. method is the method of the Space that got the id from the test.
func (s *Space) requireOperation(method, id string) *operation {
	s.tb.Helper()
	all := s.description.operations()
	i := slices.IndexFunc(all, func(op *operation) bool { return op.id == id })
	if i < 0 {
		s.tb.Fatalf("signalwiretest: %s: the API has no operation %q; the nearest is %q, and signalwire.Operations returns all", method, id, s.description.nearest(id))
	}
	return all[i]
}

// nearest returns the operation id that is most similar to a string.
func (d *description) nearest(text string) (id string) {
	least := -1
	for _, op := range d.operations() {
		if n := distance(op.id, text); least < 0 || n < least {
			id, least = op.id, n
		}
	}
	return id
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
