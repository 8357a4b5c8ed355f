package configs

// nearest gives the candidate that s was probably meant to be, or "".
// One slip of the keyboard in three letters is taken for one.
func nearest(s string, candidates []string) string {
	best, least := "", len(s)/3+1
	if len(s) > 64 {
		return ""
	}
	for _, c := range candidates {
		if n := distance(s, c); n <= least && c != s && n < max(len(s), len(c)) {
			if best == "" || n < least {
				best, least = c, n
			}
		}
	}
	return best
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbour that lead from a to b, letter case aside (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if lower(x[i-1]) == lower(y[j-1]) {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && lower(x[i-1]) == lower(y[j-2]) && lower(x[i-2]) == lower(y[j-1]) {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// lower folds ASCII letters, and "_" with "-", which are mixed up in keys.
func lower(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r == '_':
		return '-'
	}
	return r
}
