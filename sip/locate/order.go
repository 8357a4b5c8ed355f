package locate

import (
	"math/rand/v2"
	"slices"
)

// Order gives the order in which places are tried: by priority, within one by
// chance in proportion to weight (RFC 2782), and those that are bad just now after
// all others. places is not changed.
func Order(places []Place, bad func(Place) bool, rng *rand.Rand) []Place {
	list := slices.Clone(places)
	slices.SortStableFunc(list, func(a, b Place) int { return int(a.Priority) - int(b.Priority) })
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Priority == list[i].Priority {
			j++
		}
		shuffle(list[i:j], rng)
		i = j
	}
	var good, last []Place
	for _, p := range list {
		if bad != nil && bad(p) {
			last = append(last, p)
		} else {
			good = append(good, p)
		}
	}
	return append(good, last...)
}

// shuffle draws one after the other by weight. Those of weight 0 have a small
// chance while there are others.
func shuffle(list []Place, rng *rand.Rand) {
	slices.SortStableFunc(list, func(a, b Place) int { // RFC 2782: weight 0 stands first
		return int(min(a.Weight, 1)) - int(min(b.Weight, 1))
	})
	for i := range list {
		sum := 0
		for _, p := range list[i:] {
			sum += int(p.Weight)
		}
		if sum == 0 { // no weights at all: each is as good, as for several addresses of a host
			rng.Shuffle(len(list)-i, func(a, b int) { list[i+a], list[i+b] = list[i+b], list[i+a] })
			return
		}
		n, at := rng.IntN(sum+1), i
		for running := 0; at < len(list); at++ {
			if running += int(list[at].Weight); running >= n {
				break
			}
		}
		chosen := list[at]
		copy(list[i+1:at+1], list[i:at])
		list[i] = chosen
	}
}
