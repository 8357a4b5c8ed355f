package baseline

// before orders the calls of a class.
func before(a, b *Call) bool {
	if a.Arrival != b.Arrival {
		return a.Arrival < b.Arrival
	}
	return a.entry < b.entry
}

func (e *core) note(k int) {
	e.head[k] = none
	if h := e.classes[k].heap; len(h) > 0 {
		e.head[k] = h[0].Arrival - e.classes[k].lead
	}
}

func (e *core) push(c *Call) {
	k := e.classes[c.Class]
	k.heap = append(k.heap, c)
	c.at = len(k.heap) - 1
	k.up(c.at)
	e.note(int(c.Class))
}

func (e *core) remove(c *Call) {
	k := e.classes[c.Class]
	i, n := c.at, len(k.heap)-1
	k.swap(i, n)
	k.heap[n] = nil
	k.heap = k.heap[:n]
	if i < n {
		k.down(i)
		k.up(i)
	}
	c.at = -1
	e.note(int(c.Class))
}

func (k *class) swap(i, j int) {
	k.heap[i], k.heap[j] = k.heap[j], k.heap[i]
	k.heap[i].at, k.heap[j].at = i, j
}

func (k *class) up(i int) {
	for i > 0 && before(k.heap[i], k.heap[(i-1)/2]) {
		k.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (k *class) down(i int) {
	for {
		m := 2*i + 1
		if m >= len(k.heap) {
			return
		}
		if m+1 < len(k.heap) && before(k.heap[m+1], k.heap[m]) {
			m++
		}
		if !before(k.heap[m], k.heap[i]) {
			return
		}
		k.swap(i, m)
		i = m
	}
}
