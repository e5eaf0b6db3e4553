package main

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
)

// beside has something done beside the rest of this process, and its context ended when the installation closes.
func (i *installation) beside(run func(ctx context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx)
	}()
	i.closing(func() error {
		stop()
		<-ended
		return nil
	})
}

// every runs a job of this process by a schedule of this machine's real time until the installation closes.
func (i *installation) every(spec string, job func(ctx context.Context)) error {
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return err
	}
	i.scheduled(schedule, time.Local, job)
	return nil
}

// scheduled runs a job by a schedule in the location. One that takes longer than its interval skips.
func (i *installation) scheduled(schedule cron.Schedule, in *time.Location, job func(ctx context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	c := cron.New(cron.WithLocation(in), cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	c.Schedule(schedule, cron.FuncJob(func() { job(ctx) }))
	c.Start()
	i.closing(func() error {
		stop()
		<-c.Stop().Done()
		return nil
	})
}
