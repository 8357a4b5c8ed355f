package dialplan

import (
	"strings"
	"testing"
	"time"

	"switchroom/configs"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func plan() *Plan {
	return New(&configs.Config{
		Clients: []configs.Client{{ID: "courier"}, {ID: "airline", Caller: "+864005678"}, {ID: "silent"}},
		Numbers: []configs.Number{{Number: "4001234", Client: "courier"}, {Number: "4009999", Client: "courier"}, {Number: "4000", Client: "airline"}},
		Trunks: []configs.Trunk{
			{ID: "e164"},
			{ID: "national", Out: configs.TrunkOut{Rewrite: []configs.Rewrite{{Prefix: "+86", To: "0"}, {Prefix: "+", To: "00"}, {Prefix: "1", Digits: 3, To: "91"}},
				Callers: []configs.Rewrite{{Prefix: "+86", To: "0"}}}},
			{ID: "prefixed", Out: configs.TrunkOut{Rewrite: []configs.Rewrite{{To: "77"}}}},
		},
		Outbound: configs.Outbound{Limit: time.Minute,
			Dialled: []configs.Rewrite{{Prefix: "00", To: "+"}, {Prefix: "0", To: "+86"}, {Prefix: "1", Digits: 11, To: "+861"}},
			Routes: []configs.OutRoute{
				{Prefix: "+", Trunks: []string{"e164"}},
				{Prefix: "+86", Trunks: []string{"national", "e164", "prefixed"}},
				{Prefix: "+881"},
				{Prefix: "+86", Client: "airline", Trunks: []string{"e164"}, Caller: "+864000"},
				{Prefix: "1", Trunks: []string{"national"}},
				{Prefix: "", Client: "silent", Trunks: []string{"prefixed"}},
			}},
	})
}

func TestDialledNumbersAreMadeWhole(t *testing.T) {
	p := plan()
	for dialled, whole := range map[string]string{
		"13812345678": "+8613812345678", "138 1234-5678": "+8613812345678", "0281234567": "+86281234567",
		"00498912345": "+498912345", "+49 (89) 12345": "+498912345", "110": "110", "95588": "95588", "*99#": "*99#",
		"138123456789": "138123456789",
	} {
		got, err := p.Whole(dialled)
		require.NoError(t, err)
		require.Equal(t, whole, got, dialled)
	}
	for _, bad := range []string{"", "+", "-", "12+3", "500&PJSIP/1", "1,2", "alice", "%2B49", "12\r\n3", "٣", strings.Repeat("1", 33)} {
		_, err := p.Whole(bad)
		require.ErrorIs(t, err, ErrNumber, bad)
	}
}

func TestTheClientsRouteGoesFirstAndThenTheLongestPrefix(t *testing.T) {
	p := plan()
	c, err := p.Call("courier", "13812345678", "")
	require.NoError(t, err)
	require.Equal(t, Call{Number: "+8613812345678", Caller: "4001234", Limit: time.Minute, Ways: []Way{
		{"national", "013812345678", "4001234"}, {"e164", "+8613812345678", "4001234"}, {"prefixed", "778613812345678", "4001234"}}}, c)

	c, err = p.Call("airline", "13812345678", "")
	require.NoError(t, err)
	require.Equal(t, []Way{{"e164", "+8613812345678", "+864000"}}, c.Ways)

	c, err = p.Call("airline", "0049891", "")
	require.NoError(t, err)
	require.Equal(t, []Way{{"e164", "+49891", "+864005678"}}, c.Ways)

	c, err = p.Call("silent", "+88112345", "")
	require.NoError(t, err, "a client's own route goes before a common bar, however short")
	require.Equal(t, []Way{{"prefixed", "7788112345", ""}}, c.Ways)

	c, err = p.Call("", "110", "+8613900000000")
	require.NoError(t, err)
	require.Equal(t, []Way{{"national", "9110", "013900000000"}}, c.Ways)
}

func TestANumberWithoutARouteIsNotCalled(t *testing.T) {
	p := plan()
	_, err := p.Call("courier", "95588", "")
	require.ErrorIs(t, err, ErrNoRoute)
	_, err = p.Call("courier", "0088112345", "")
	require.ErrorIs(t, err, ErrBarred)
	_, err = p.Call("courier", "x", "")
	require.ErrorIs(t, err, ErrNumber)
	_, err = New(&configs.Config{}).Call("courier", "+49891", "")
	require.ErrorIs(t, err, ErrNoRoute, "calls out are off until routes are named")
}

func TestARewriteTakesNoMoreThanItsPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`\+?[0-9]{0,6}`)
		var rules []configs.Rewrite
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			rules = append(rules, configs.Rewrite{Prefix: digits.Draw(t, "prefix"), To: digits.Draw(t, "to"), Digits: rapid.IntRange(0, 6).Draw(t, "digits")})
		}
		number := rapid.StringMatching(`\+?[0-9]{1,8}`).Draw(t, "number")
		got := rewrite(rules, number)
		longest := -1
		for _, r := range rules {
			if strings.HasPrefix(number, r.Prefix) && (r.Digits == 0 || r.Digits == len(number)) {
				longest = max(longest, len(r.Prefix))
			}
		}
		if longest < 0 {
			if got != number {
				t.Fatalf("%q became %q by no rule of %v", number, got, rules)
			}
			return
		}
		if !strings.HasSuffix(got, strings.TrimPrefix(number[longest:], "+")) || strings.Contains(got[min(1, len(got)):], "+") {
			t.Fatalf("%q became %q by %v", number, got, rules)
		}
	})
}
