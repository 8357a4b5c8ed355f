package exchange

import (
	"fmt"

	"switchroom/configs"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"
)

// errInsecure: a party's sound has to be encrypted and its signalling, which
// would show the keys, is not.
var errInsecure = fmt.Errorf("%w: srtp is required, and signalling is not over TLS", sdp.ErrSecurity)

// security is what a policy, one of configs.SRTPs, comes to over signalling that
// is or isn't TLS.
func security(policy string, tls bool) (sdp.Security, error) {
	switch {
	case policy == "require" && !tls:
		return sdp.Plain, errInsecure
	case policy == "require":
		return sdp.Required, nil
	case policy == "allow" && tls:
		return sdp.Optional, nil
	}
	return sdp.Plain, nil
}

// secured settles in local whether sound is encrypted.
func secured(local *sdp.Local, policy string, tls bool) (err error) {
	if local.Security, err = security(policy, tls); err == nil && local.Security != sdp.Plain && local.Keys == nil {
		local.Keys = sdp.NewKeys()
	}
	return err
}

// secure settles it for the party, once for a dialog. Before there is one it is
// the way that a call takes that decides: see offerKeys.
func (p *party) secure() error {
	if p.leg == nil || p.settled {
		return nil
	}
	p.settled = true
	return secured(&p.local, p.srtp(), p.leg.Secure())
}

// offerKeys puts the offers into a call out that go where they are safe.
func (p *party) offerKeys(d *sip.Dial) {
	if d.Account != "" {
		policy := "allow"
		if p.agent != nil {
			policy = p.agent.srtp()
		}
		d.SecureSDP, d.Secure = p.secureOffer(policy)
	}
	p.trunkOffers(d)
	usual := p.local.Codecs
	for i := range d.Routes {
		r := &d.Routes[i]
		trunk := p.call.x.plan.Load().trunk(r.Trunk)
		p.local.Codecs = codecsOf(trunk)
		r.SecureSDP, r.Secure = p.secureOffer(trunk.SRTP)
	}
	p.local.Codecs = usual
}

// secureOffer is our offer over TLS under a policy; nil: the one that goes
// anywhere. must: it is the only one.
func (p *party) secureOffer(policy string) (offer []byte, must bool) {
	local := p.local
	local.Version = 1 // the same description as the plain one's, to another peer
	if err := secured(&local, policy, true); err != nil || local.Security == sdp.Plain {
		return nil, false
	}
	p.local.Keys = local.Keys // the same for all, as one of them will be the peer
	return sdp.Offer(local), local.Security == sdp.Required
}

// srtp is the policy for the party's sound.
func (p *party) srtp() string {
	if p.agent != nil {
		return p.agent.srtp()
	}
	return p.trunk().SRTP
}

func (a *agent) srtp() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config.SRTP
}

// trunk is the trunk that the party is reached by; the zero Trunk if it is gone
// or the party is an agent.
func (p *party) trunk() configs.Trunk {
	if p.leg == nil || p.agent != nil {
		return configs.Trunk{}
	}
	return p.call.x.plan.Load().trunk(p.leg.Trunk())
}

func (p *plan) trunk(id string) configs.Trunk {
	for _, t := range p.config.Trunks {
		if t.ID == id {
			return t
		}
	}
	return configs.Trunk{}
}

// answer makes our answer to d. A peer that changed its key begins anew, counts
// and all, and so do we: a key of ours that went on could be counted differently
// by it, and one that began again would give its secret away.
func (p *party) answer(d *sdp.Description) ([]byte, media.Params, error) {
	if err := p.secure(); err != nil {
		return nil, media.Params{}, err
	}
	body, params, err := sdp.Answer(d, p.local)
	was := p.params.SRTP
	if err == nil && p.agreed && was.Suite != 0 && params.SRTP.Suite != 0 && params.SRTP.Remote != was.Remote {
		p.local.Keys = sdp.NewKeys()
		body, params, err = sdp.Answer(d, p.local)
	}
	return body, params, err
}
