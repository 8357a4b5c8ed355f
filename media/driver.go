package media

import "net/netip"

// driver waits for a loop's sockets, commands and deadlines. There is one for
// Linux (epoll) and one for every system (a goroutine a socket); which one is
// the default is decided at build time.
type driver interface {
	// listen binds one UDP port. From any goroutine.
	listen(netip.AddrPort) (socket, error)
	// run serves the loop and returns after loop.stopped was set, with all it
	// started ended. It calls the loop's receive, commands and tick, never two
	// at once.
	run(*loop)
	// wake makes run call loop.commands soon. From any goroutine.
	wake()
}

// socket is one UDP port of a leg. Its methods but close are called on the
// loop; close also by the goroutine that bound it, before watch.
type socket interface {
	// watch begins to receive: control says that it is leg's RTCP port.
	watch(leg *Leg, control bool) error
	// aim sets where send sends to. An invalid address: nowhere.
	aim(netip.AddrPort)
	// pin tells that the aim won't change soon: the system may take a shorter
	// way there and back. Packets from elsewhere are still received.
	pin()
	// send hands a datagram to the system and never waits; false: it was not
	// taken.
	send([]byte) bool
	// leave ends what watch began, on its loop; join begins it anew on the loop
	// of another driver of the same kind.
	leave()
	join(driver) error
	close()
}
