package devserver

import (
	"time"

	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/server/common/dynamicconfig"
)

// historyShards is fixed for the life of a database and recorded beside it. One, four and eight were measured alike,
// since all share one connection; four leaves room for a larger machine, and costs nothing at rest.
const historyShards = 4

// tuning are the server's settings for one district on two cores. The figures behind them stand in
// docs/engine.md; what is not set here was measured to make no difference, or not to matter.
func tuning(o Options) dynamicconfig.StaticClient {
	set := dynamicconfig.StaticClient{}
	put := func(key dynamicconfig.GenericSetting, v any) { set[key.Key()] = v }

	// One machine without internet: no version check, no goroutine dumps into the log, no health statistics that
	// only a cluster's load balancer would read.
	put(dynamicconfig.EnableServerVersionCheck, false)
	put(dynamicconfig.DeadlockDumpGoroutines, false)
	put(dynamicconfig.PersistenceHealthSignalMetricsEnabled, false)
	put(dynamicconfig.PersistenceHealthSignalAggregationEnabled, false)
	put(dynamicconfig.HistoryHealthSignalMetricsEnabled, false)

	// An Update waits for its answer: that takes as long as the work behind it, and is no fault of the server's.
	put(dynamicconfig.SlowRequestLoggingThreshold, time.Minute)

	// A workflow whose tasks fail shows up in the list after the second failure in a row.
	put(dynamicconfig.NumConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute, 2)

	// SDK workers of one process share one sticky cache, and the first worker to start fixes its size: that is
	// one of the server's own.
	put(dynamicconfig.WorkerStickyCacheSize, o.StickyCacheSize)

	// The limits protect a shared cluster from its tenants. Here they would only stall a burst that the one
	// database connection paces anyway.
	for _, key := range []dynamicconfig.GenericSetting{
		dynamicconfig.FrontendPersistenceMaxQPS, dynamicconfig.HistoryPersistenceMaxQPS,
		dynamicconfig.MatchingPersistenceMaxQPS, dynamicconfig.WorkerPersistenceMaxQPS,
	} {
		put(key, 0)
	}
	for _, key := range []dynamicconfig.GenericSetting{
		dynamicconfig.FrontendRPS, dynamicconfig.FrontendMaxNamespaceRPSPerInstance,
		dynamicconfig.HistoryRPS, dynamicconfig.MatchingRPS,
	} {
		put(key, 100_000)
	}
	put(dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance, 100)

	// One host serves every queue, so partitions would only make tasks and pollers look for each other.
	put(dynamicconfig.MatchingNumTaskqueueReadPartitions, 1)
	put(dynamicconfig.MatchingNumTaskqueueWritePartitions, 1)

	// Whatever runs at once waits for the same connection. Hundreds of workers per queue let the queues' work pile
	// up before it, while people's requests and workflow tasks stand behind and time out.
	put(dynamicconfig.TransferProcessorSchedulerWorkerCount, 4)
	put(dynamicconfig.VisibilityProcessorSchedulerWorkerCount, 1)
	put(dynamicconfig.MemoryTimerProcessorSchedulerWorkerCount, 2)
	put(dynamicconfig.ArchivalProcessorSchedulerWorkerCount, 1)
	// Timers are fired no faster than the worker can answer them: otherwise thousands of workflow tasks lie in
	// the queue before a person's update, which then waits for all of them.
	put(dynamicconfig.TimerProcessorSchedulerWorkerCount, 2)

	// Sleeping workflows need not lie in memory, about 40 KB each: one is read back in a few milliseconds when its
	// timer fires. But a person's update that waits its turn is lost from the cache with its workflow, and has to
	// start over; so the cache holds what a burst fires in several seconds, and is emptied when it is over.
	put(dynamicconfig.HistoryCacheHostLevelMaxSize, 1000)
	put(dynamicconfig.HistoryCacheTTL, time.Minute)
	put(dynamicconfig.HistoryCacheBackgroundEvict, dynamicconfig.CacheBackgroundEvictSettings{
		Enabled: true, LoopInterval: 30 * time.Second, MaxEntryPerCall: 1024,
	})
	put(dynamicconfig.EventsCacheMaxSizeBytes, 256<<10)
	put(dynamicconfig.XDCCacheMaxSizeBytes, 64<<10)

	put(dynamicconfig.NamespaceCacheRefreshInterval, o.NamespaceRefresh)

	// The scavengers look for what crashes of a large cluster leave behind; children here are abandoned, so
	// nothing is ever closed with its parent.
	put(dynamicconfig.TaskQueueScannerEnabled, false)
	put(dynamicconfig.HistoryScannerEnabled, false)
	put(dynamicconfig.ExecutionsScannerEnabled, false)
	put(dynamicconfig.EnableParentClosePolicyWorker, false)
	put(dynamicconfig.WorkerPerNamespaceWorkerOptions, sdkworker.Options{
		MaxConcurrentWorkflowTaskPollers: 2,
		MaxConcurrentActivityTaskPollers: 2,
	})
	return set
}
