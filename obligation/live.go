package obligation

import "time"

// Live is an obligation, or a document of it, that is not settled: a workflow follows it.
type Live struct {
	ID      ID
	Rung    Rung      // of the document; "": it is the obligation itself
	Updated time.Time // real time at which the obligation's row was last written
	Nobody  bool      // the obligation has neither a next step nor a holder
}
