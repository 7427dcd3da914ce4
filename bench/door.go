package bench

import (
	"context"
	"fmt"
	"time"
)

// Door says how to measure the door against a bare handler.
type Door struct {
	Dir         string // for the log, on the disk that is to be measured
	Connections int
	Calls       int           // in a request
	Rounds      int           // each measures both once
	Slice       time.Duration // of one measurement
}

// DoorFigures are what came of it. Rates and times are medians over the rounds.
type DoorFigures struct {
	Ratio         float64 // of requests per second, door to bare handler
	LowestRatio   float64 // of any round
	HighestRatio  float64
	BareRequests  float64       // per second
	DoorRequests  float64       // per second
	DoorEvents    float64       // per second
	BareCPU       time.Duration // of the server, per request
	DoorCPU       time.Duration // of the server, per request
	DoorCPUEvent  time.Duration // of the server, per event
	BytesPerEvent int
}

// Measure runs both in turn, each round the other one first.
func (d Door) Measure(ctx context.Context) (DoorFigures, error) {
	s, err := startServer(d.Dir, doorServer)
	if err != nil {
		return DoorFigures{}, err
	}
	figures, err := d.measure(ctx, s)
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return figures, err
}

func (d Door) measure(ctx context.Context, s *server) (DoorFigures, error) {
	l := newLoad(d.Connections, d.Calls)
	bare, door := side{addr: s.Bare}, side{addr: s.Door}
	for _, warm := range []*side{&bare, &door} {
		if _, err := l.run(ctx, warm.addr, d.Slice/2); err != nil {
			return DoorFigures{}, fmt.Errorf("warm up: %w", err)
		}
	}
	var ratios []float64
	for round := range d.Rounds {
		turns := []*side{&bare, &door}
		if round%2 == 1 {
			turns[0], turns[1] = turns[1], turns[0]
		}
		for _, turn := range turns {
			if err := turn.measure(ctx, s, l, d.Slice); err != nil {
				return DoorFigures{}, err
			}
		}
		ratios = append(ratios, door.rates[round]/bare.rates[round])
	}
	lowest, highest := ratios[0], ratios[0]
	for _, r := range ratios {
		lowest, highest = min(lowest, r), max(highest, r)
	}
	doorCPU := median(door.cpu, meanOf)
	return DoorFigures{
		Ratio: median(ratios, meanOf), LowestRatio: lowest, HighestRatio: highest,
		BareRequests: median(bare.rates, meanOf), DoorRequests: median(door.rates, meanOf),
		DoorEvents: median(door.rates, meanOf) * float64(d.Calls),
		BareCPU:    time.Duration(median(bare.cpu, meanOf)), DoorCPU: time.Duration(doorCPU),
		DoorCPUEvent:  time.Duration(doorCPU / float64(d.Calls)),
		BytesPerEvent: l.bytesPerCall(),
	}, nil
}

// side is one of the two that are measured.
type side struct {
	addr  string
	rates []float64 // requests per second, by round
	cpu   []float64 // nanoseconds of the server per request, by round
}

func (s *side) measure(ctx context.Context, server *server, l *load, slice time.Duration) error {
	before, err := server.cpu()
	if err != nil {
		return err
	}
	got, err := l.run(ctx, s.addr, slice)
	if err != nil {
		return err
	}
	after, err := server.cpu()
	if err != nil {
		return err
	}
	s.rates = append(s.rates, got.perSecond())
	s.cpu = append(s.cpu, float64(after-before)/float64(got.requests))
	return nil
}
