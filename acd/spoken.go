package acd

import (
	"strconv"
	"time"
)

// SpokenPosition says a place in a queue in prompts of a language; nothing for
// a place that is not known.
func SpokenPosition(language string, n int) []string {
	switch {
	case n <= 0:
		return nil
	case n == 1:
		return []string{"position-next"}
	}
	say := append([]string{"position-before"}, SpokenNumber(language, n)...)
	return append(say, "position-after")
}

// waitSpoken is the longest wait that is told in minutes.
const waitSpoken = time.Hour

// SpokenWait says how long it may take, in whole minutes, rounded up: nobody
// minds waiting less. Nothing for a wait that is not known.
func SpokenWait(language string, d time.Duration) []string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case d < 0:
		return nil
	case d > waitSpoken:
		return []string{"wait-long"}
	case d < time.Minute:
		return []string{"wait-short"}
	case minutes == 1:
		return append([]string{"wait-before"}, append(SpokenNumber(language, 1), "wait-minute")...)
	case minutes == 2 && language == "zh":
		return []string{"wait-before", "both", "wait-minutes"} // 两分钟: a count, not a numeral
	}
	say := append([]string{"wait-before"}, SpokenNumber(language, minutes)...)
	return append(say, "wait-minutes")
}

// SpokenNumber says a number from 0 to 999 in prompts of a language; one beyond
// is said as 999.
func SpokenNumber(language string, n int) []string {
	n = min(max(n, 0), 999)
	if language == "zh" {
		return mandarin(n)
	}
	return english(n)
}

func english(n int) []string {
	var say []string
	if n >= 100 {
		say = append(say, strconv.Itoa(n/100), "100")
		if n %= 100; n == 0 {
			return say
		}
	}
	switch {
	case n <= 20:
		return append(say, strconv.Itoa(n))
	case n%10 == 0:
		return append(say, strconv.Itoa(n))
	}
	return append(say, strconv.Itoa(n-n%10), strconv.Itoa(n%10))
}

// mandarin: 十二 is ten two, 二十 two ten, 一百零五 one hundred zero five, 一百一十
// one hundred one ten.
func mandarin(n int) []string {
	if n <= 10 {
		return []string{strconv.Itoa(n)}
	}
	var say []string
	hundreds, tens, ones := n/100, n/10%10, n%10
	if hundreds > 0 {
		say = append(say, strconv.Itoa(hundreds), "100")
	}
	switch {
	case tens > 1 || tens == 1 && hundreds > 0:
		say = append(say, strconv.Itoa(tens), "10")
	case tens == 1:
		say = append(say, "10")
	case hundreds > 0 && ones > 0:
		say = append(say, "0")
	}
	if ones > 0 {
		say = append(say, strconv.Itoa(ones))
	}
	return say
}
