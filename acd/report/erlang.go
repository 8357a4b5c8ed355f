package report

import "math"

// ErlangC is the probability that a call has to wait for one of n agents at
// an offered load of a erlangs. 1 when the agents can't keep up.
func ErlangC(n int, a float64) float64 {
	if n <= 0 || a >= float64(n) {
		return 1
	}
	b := ErlangB(n, a)
	return b / (1 - a/float64(n)*(1-b))
}

// ErlangB is the probability that a call finds all of n channels taken at an
// offered load of a erlangs.
func ErlangB(n int, a float64) float64 {
	if a <= 0 {
		return 0
	}
	b := 1.0
	for k := 1; k <= n; k++ {
		b = a * b / (float64(k) + a*b)
	}
	return b
}

// Forecast is what n agents would give a queue with so many calls an hour and
// an average handle time of aht seconds: the percentage answered within t
// seconds and the average wait in seconds, infinite when they can't keep up.
func Forecast(n int, callsPerHour, aht, t float64) (level, asa float64) {
	a := callsPerHour * aht / 3600
	if a >= float64(n) {
		return 0, math.Inf(1)
	}
	c := ErlangC(n, a)
	return 100 * (1 - c*math.Exp(-(float64(n)-a)*t/aht)), c * aht / (float64(n) - a)
}

// agentsMax ends the search for a number of agents.
const agentsMax = 10000

// Agents is the fewest agents with which so many calls an hour of aht seconds
// are answered within t seconds by the target, a percentage below 100.
func Agents(callsPerHour, aht, target, t float64) int {
	n := int(callsPerHour*aht/3600) + 1
	target = min(target, 99.99)
	for ; n < agentsMax; n++ {
		if level, _ := Forecast(n, callsPerHour, aht, t); level >= target {
			break
		}
	}
	return n
}
