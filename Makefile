# Everything that can be done with duban's source. "make" alone lists the targets.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS     += --no-print-directory

# Building the Temporal server takes minutes, and Go's cache is keyed by these flags. So the binary, the heavy tests,
# the benchmarks and the linter all build with the same ones, and only the first of them pays. Version control stamping
# is off because it fails in a checkout that belongs to another user; the version comes from VERSION instead.
export CGO_ENABLED := 0
export GOFLAGS     := $(GOFLAGS) -buildvcs=false -trimpath

# Debian keeps mariadbd where an ordinary user's path does not look.
export PATH := $(PATH):/usr/sbin:/sbin

# Trusting this one checkout lets git answer when it belongs to another user.
GIT      = git -c safe.directory='$(CURDIR)'
VERSION ?= $(shell $(GIT) describe --tags --always --dirty 2>/dev/null || echo unknown)

# The packages whose tests start the embedded Temporal server: too slow under the race detector, and too demanding to
# run side by side. All others run under it.
HEAVY       := ^duban/(internal/devserver|cmd/duban|test)(/|$$)
light_tests  = go list ./... | { grep -vE '$(HEAVY)' || true; }
heavy_tests  = go list ./... | { grep -E '$(HEAVY)' || true; }

# "make lint" vets the code with far more than the few checks "go test" would repeat in every dependency.
TEST  ?= -vet=off
BENCH ?= go test -vet=off -run '^$$' -bench . -timeout 60m ./test/bench/...

# Tools are built once for each version of Go: a linter built by an older one refuses newer code.
TOOLS         := .tools/$(shell go env GOVERSION)
GOLANGCI_LINT := $(TOOLS)/golangci-lint
WORKFLOWCHECK := $(TOOLS)/workflowcheck
TEMPL         := $(TOOLS)/templ

.PHONY: help
help: ## list the targets (default)
	@echo 'duban 督办: make <target>'; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, then start everything in one process; the first start seeds the plan into ./data (options: ARGS=…)
	./bin/duban serve $(ARGS)

.PHONY: demo
demo: build ## rehearse live: the plan's three years in about five minutes, beside and apart from ./data (options: ARGS=…)
	./bin/duban serve --demo $(ARGS)

.PHONY: build
build: ## build the static binary bin/duban (the first build takes some minutes)
	go build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/duban ./cmd/duban

.PHONY: setup
setup: ## install what the tests need (Debian, as root or with sudo); elsewhere name what is missing
	@bash test/setup.sh

.PHONY: test
test: setup ## run every test, with MySQL's suite on a MariaDB of its own and the race detector where it is affordable
	@packages=$$($(light_tests)); if [ -n "$$packages" ]; then set -x; \
		CGO_ENABLED=1 go test -race $(TEST) -timeout 20m $$packages; fi
	@packages=$$($(heavy_tests)); if [ -n "$$packages" ]; then set -x; \
		go test $(TEST) -timeout 30m -p 1 $$packages; fi

.PHONY: test-short
test-short: ## run the quick tests only: no race detector, no MariaDB, no Temporal server
	@packages=$$($(light_tests)); if [ -n "$$packages" ]; then set -x; go test -short $(TEST) $$packages; fi

.PHONY: acceptance
acceptance: ## run the whole plan live with all units and hold its ledgers against the rehearsal (tens of minutes)
	go test $(TEST) -timeout 120m -run TestLiveLedgersAreThoseOfTheRehearsal -v ./test/acceptance -whole

.PHONY: cluster
cluster: setup ## start duban on several machines, all of them this one: two APIs, two workers, Temporal on PostgreSQL, MariaDB; Ctrl-C ends it
	go test $(TEST) -timeout 0 -run TestSeveralMachines -v ./test/e2e -look

.PHONY: bench
bench: ## measure seeding, a burst of reminders, idle cost and the preview; name the machine (other command: BENCH=…)
	@echo "machine: $$(uname -srm), $$(nproc) × $$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	@echo "memory:  $$(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
	@echo "disk:    $$(df -PT . | awk 'NR == 2 { print $$2 " on " $$1 }')"
	@echo "version: duban $(VERSION), $$(go version)"
	$(BENCH)
	go test $(TEST) -run '^$$' -bench 'Pages|Assessment' -benchtime 5x -timeout 60m ./internal/store

# Looking into Temporal takes the linter some memory; the limit makes it collect rather than grow.
lint: export GOMEMLIMIT ?= 4GiB

.PHONY: lint
lint: $(GOLANGCI_LINT) $(WORKFLOWCHECK) $(TEMPL) ## check style, allowed imports, determinism of workflows, generated pages, go.mod, deploy/ and whitespace
	$(GOLANGCI_LINT) run ./...
	$(WORKFLOWCHECK) -config .workflowcheck.yaml ./workflows/...
	$(TEMPL) generate -path web -check
	$(TEMPL) fmt -fail web
	go mod tidy -diff
	go -C tools mod tidy -diff
	go -C test/s3 mod tidy -diff
	go -C test/cluster/server mod tidy -diff
	go -C test/deploy mod tidy -diff
	go -C test/deploy test $(TEST) ./...
	bash -n .ci/run test/*.sh
	@# Against the empty tree: every line of every tracked file, not only those that changed.
	@if $(GIT) rev-parse --git-dir >/dev/null 2>&1; then set -x; \
		$(GIT) diff --check "$$($(GIT) hash-object -t tree /dev/null)"; \
	else echo "whitespace was not checked: this is no checkout of git"; fi

.PHONY: fmt
fmt: $(GOLANGCI_LINT) $(TEMPL) ## format the Go code and the pages
	$(GOLANGCI_LINT) fmt ./...
	$(TEMPL) fmt web

.PHONY: generate
generate: $(TEMPL) ## make the pages' Go code from their templates
	$(TEMPL) generate -path web

.PHONY: tidy
tidy: ## bring the modules' go.mod and go.sum in line with the code
	go mod tidy
	go -C tools mod tidy
	go -C test/s3 mod tidy
	go -C test/cluster/server mod tidy
	go -C test/deploy mod tidy

.PHONY: clean
clean: ## remove what was built; ./data stays
	rm -rf bin .tools

$(TOOLS)/%: tools/go.mod tools/go.sum
	@echo 'building the tools pinned in tools/go.mod (once)'
	@mkdir -p $(TOOLS)
	go -C tools build -o '$(CURDIR)/$(TOOLS)/' tool
	@touch $(GOLANGCI_LINT) $(WORKFLOWCHECK) $(TEMPL)
