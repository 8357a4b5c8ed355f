// Command records measures what a long past costs: it writes a journal of
// made-up calls and prints how long the index takes to be made from it, how
// soon a switch with that past is ready, and how long pages of lists take.
//
//	go run ./test/records -n 100000               made anew, reports, and the start of a switch
//	go run ./test/records -n 1000000 -only-records -pages 2000   pages of lists
//	go run ./test/records -n 100000 -url postgres:///calls?host=/run/postgresql
//
// The folder is a temporary one unless -data names one, which is kept.
package main
