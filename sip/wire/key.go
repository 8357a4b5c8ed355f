package wire

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
)

// ServerKey names the server transaction that an accepted request belongs to;
// an ACK's is its INVITE's, a CANCEL's is its own (see txn.Key.Cancels).
// Requests of RFC 2543 elements get a key made of the fields of 17.2.3.
func ServerKey(req *sip.Request) txn.Key {
	via := req.Via()
	if via == nil {
		return txn.Key{}
	}
	branch := via.Params.GetOr("branch", "")
	if len(branch) > len(txn.Cookie) && strings.EqualFold(branch[:len(txn.Cookie)], txn.Cookie) {
		return txn.ServerKey(branch, sentBy(via), string(req.Method))
	}
	l := txn.Legacy{Via: via.Value()}
	if h := req.CallID(); h != nil {
		l.CallID = string(*h)
	}
	if h := req.From(); h != nil {
		l.FromTag = h.Params.GetOr("tag", "")
	}
	if h := req.CSeq(); h != nil {
		l.Sequence = strconv.FormatUint(uint64(h.SeqNo), 10)
	}
	return txn.LegacyKey(l, string(req.Method))
}

// ClientKey names the client transaction that an accepted response belongs to.
func ClientKey(res *sip.Response) txn.Key {
	via, cseq := res.Via(), res.CSeq()
	if via == nil || cseq == nil {
		return txn.Key{}
	}
	return txn.ClientKey(via.Params.GetOr("branch", ""), string(cseq.MethodName))
}

func sentBy(via *sip.ViaHeader) string {
	if via.Port == 0 {
		return via.Host
	}
	return via.Host + ":" + strconv.Itoa(via.Port)
}
