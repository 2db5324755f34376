package signalwiretest

// nearest returns the id of an operation that is most like a text, which is the
// text itself if it is one.
func (d *description) nearest(text string) (id string) {
	least := -1
	for _, op := range d.operations() {
		if n := distance(op.id, text); least < 0 || n < least {
			id, least = op.id, n
		}
	}
	return id
}

// distance is the Levenshtein distance of two texts: how many bytes have to be
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
