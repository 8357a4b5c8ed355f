//go:build linux

package main

import "switchroom/media"

type recorder struct{}

func newRecorder(string) (*recorder, error)     { return &recorder{}, nil }
func (r *recorder) start() (media.Tap, error)   { return &deaf{}, nil }
func (r *recorder) stop() error                 { return nil }
