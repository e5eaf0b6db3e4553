package devserver

import (
	"go.temporal.io/server/common/dynamicconfig"
)

// historyShards is fixed for the life of a database and recorded beside it; see docs/engine.md for the figures.
const historyShards = 4

// tuning are the server's settings for one district on two cores.
func tuning(o Options) dynamicconfig.StaticClient {
	set := dynamicconfig.StaticClient{}
	put := func(key dynamicconfig.GenericSetting, v any) { set[key.Key()] = v }

	// One machine without internet: no version check, no goroutine dumps into the log.
	put(dynamicconfig.EnableServerVersionCheck, false)
	put(dynamicconfig.DeadlockDumpGoroutines, false)

	// A workflow whose tasks fail shows up in the list after the second failure in a row.
	put(dynamicconfig.NumConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute, 2)

	// SDK workers of one process share one sticky cache, and the first worker to start fixes its size: that is
	// one of the server's own.
	put(dynamicconfig.WorkerStickyCacheSize, o.StickyCacheSize)

	return set
}
