package locate

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Client asks DNS. The zero value asks the servers of /etc/resolv.conf, which it
// reads each time.
type Client struct {
	// Servers are asked in this order, the next one when one does not answer.
	Servers []netip.AddrPort
	// Timeout is how long one server has for one question. Default 2 s.
	Timeout time.Duration
}

const (
	timeoutDefault = 2 * time.Second
	// roundsMax is how often all servers are asked before it is given up.
	roundsMax = 2
)

// ask puts one question. ErrNoName means that DNS answered and there is none.
func (c *Client) ask(ctx context.Context, name string, t dnsmessage.Type) (answer, error) {
	n, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return answer{}, fmt.Errorf("%w: %q", ErrNoName, name)
	}
	servers := c.Servers
	if len(servers) == 0 {
		servers = systemServers("/etc/resolv.conf")
	}
	var last error = ErrServer
	for range roundsMax {
		for _, server := range servers {
			a, err := c.once(ctx, server, n, t)
			if err == nil || errors.Is(err, ErrNoName) {
				return a, err
			}
			if ctx.Err() != nil {
				return answer{}, fmt.Errorf("%w: %w", ErrServer, ctx.Err())
			}
			last = fmt.Errorf("%w: %s: %w", ErrServer, server, err)
		}
	}
	return answer{}, last
}

// once asks one server, by UDP and when the answer is cut by TCP.
func (c *Client) once(ctx context.Context, server netip.AddrPort, name dnsmessage.Name, t dnsmessage.Type) (answer, error) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = timeoutDefault
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var id [2]byte
	_, _ = rand.Read(id[:])
	q := query{id: binary.BigEndian.Uint16(id[:]), name: name, t: t}
	var err error
	if q.message, err = question(q.id, name, t); err != nil {
		return answer{}, err
	}
	a, err := q.over(ctx, "udp", server)
	if errors.Is(err, errTruncated) {
		return q.over(ctx, "tcp", server)
	}
	return a, err
}

type query struct {
	id      uint16
	name    dnsmessage.Name
	t       dnsmessage.Type
	message []byte
}

// over puts the question over a network, from a port of its own, and waits for
// what answers it.
func (q *query) over(ctx context.Context, network string, server netip.AddrPort) (answer, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	if at, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(at)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	message := q.message
	if network == "tcp" {
		message = append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
	}
	if _, err := conn.Write(message); err != nil {
		return answer{}, err
	}
	buffer := make([]byte, 65535)
	for {
		n, err := readMessage(conn, network, buffer)
		if err != nil {
			return answer{}, err
		}
		a, err := parse(buffer[:n], q.id, q.name, q.t)
		if errors.Is(err, errForeign) && network == "udp" {
			continue // late, or somebody guesses
		}
		return a, err
	}
}

func readMessage(conn net.Conn, network string, buffer []byte) (int, error) {
	if network == "udp" {
		return conn.Read(buffer)
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return 0, err
	}
	return io.ReadFull(conn, buffer[:binary.BigEndian.Uint16(size[:])])
}

// systemServers are those that the system asks.
func systemServers(file string) []netip.AddrPort {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	var servers []netip.AddrPort
	lines := bufio.NewScanner(f)
	for lines.Scan() && len(servers) < 3 {
		word := strings.Fields(lines.Text())
		if len(word) < 2 || word[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(word[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(a, 53))
		}
	}
	return servers
}
