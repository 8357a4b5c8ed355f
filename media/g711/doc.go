// Package g711 converts between the two laws of ITU-T G.711 and 16-bit linear
// PCM, a whole frame at a time, by table and without allocating.
//
// The tables are computed once, when the program starts, from zaf/g711, whose
// functions are exact but allocate a slice a call; TestTablesAreExact holds
// them to that reference over every input. They are read only afterwards, so
// every function here may be called from any goroutine.
//
// The package knows nothing of RTP, packets or time. Linear samples are int16
// at full scale: a 0 dBm0 sine has the amplitude that ITU-T G.711 tables 5 and
// 6 give it, about 3.14 dB below full scale.
package g711
