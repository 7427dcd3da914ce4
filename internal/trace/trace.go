// Package trace makes conversations of the spans and logs of a trace: it finds the turns, derives their
// messages, says which model calls count, and tells every row of the trace who took part and where. It
// reads canonical rows alone, whatever vocabulary they came from.
//
// It is pure: no clock, no I/O. What it returns is a function of the set of rows, so that the order in
// which spans and logs arrive, repetition, and restarts do not matter. Vocabularies use it to encode
// what a span says ([Content]); package derive decides when to derive and writes what comes out.
package trace
