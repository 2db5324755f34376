# Everything a maintainer runs. Nothing but Go has to be installed, and for the race
# detector a C compiler; the tools are fetched at these versions. What needs npm, nginx or HAProxy is skipped where
# it is not, with a message, except on GitHub, where npm and the vulnerability
# database have to be there.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  = go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOVULNCHECK = go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
REDOCLY     = npx --yes @redocly/cli@2.77.0
BENCHSTAT   = go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

.PHONY: help ci generate check fresh lint complete compatible examples redocly changes notes record recorded modules vulnerabilities test ajv bench peers weight chaos soak demo

help: ## This list.
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile

# All gates. They run in this order, so that the last lines are those of go test.
GATES = fresh lint complete compatible examples redocly recorded modules weight vulnerabilities ajv chaos test

ci: ## Every gate that a change has to pass, one after another.
	@for gate in $(GATES); do \
		printf '\n== make %s\n' "$$gate"; $(MAKE) --no-print-directory "$$gate" || { echo "make ci: $$gate failed"; exit 1; }; \
	done

# Published descriptions to import, in order of precedence; see api/README.md.
DOCS ?=
OUT  ?= .regenerated

ifeq ($(strip $(DOCS)),)
generate: ## Merge the descriptions and generate gen/ from them.
	go generate ./...
else
generate: ## With DOCS=: import published descriptions into OUT; with INTO=gen, into this module, too; with LOSE=1, although names are lost; with OMIT=1, without operations that are not supported.
	go run ./api/cmd import -out "$(OUT)" $(if $(INTO),-into "$(INTO)") $(if $(LOSE),-lose-names) $(if $(OMIT),-omit) $(DOCS)
endif

check: fresh lint complete compatible examples redocly ## The gates that a change has to pass besides the tests.

# generated prints the name and the hash of every file where generated ones are.
generated = find api/openapi.* api/INDEX.md api/names.lock api/*.json gen wrapper/variants_gen_test.go wrapper/signalwiretest/testdata -type f | LC_ALL=C sort | while read -r file; do echo "$$file $$(git hash-object "$$file")"; done

fresh: ## The generated files are up to date, and two runs generate the same.
	@before=$$($(generated)); for run in 1 2; do go generate ./... || exit; \
	test "$$before" = "$$($(generated))" || { echo "fresh: the generated files were not what the sources make; now they are"; git status --short; exit 1; }; done

lint: ## gofmt, vet, staticcheck, actionlint.
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	@$(STATICCHECK) ./api/internal/generate/testdata/deprecated 2>/dev/null | grep -q SA1019 || { echo "lint: staticcheck does not report the use of a deprecated field"; exit 1; }
	$(ACTIONLINT)

complete: ## Every operation of the description is a method of the client, and in the index.
	go test -count=1 -run=TestComplete ./api/internal/index

# OLD is a tag or another revision. By default it is the last tag; before there
# is one, where the work left origin's main, or else the last commit before it.
# The recipes read it as the shell does, so that nothing in it is run.
export OLD NEW

compatible: ## Each break of the Go API is named in CHANGELOG.md.
	go run ./api/cmd compat "$$OLD"

examples: ## The examples of OLD still compile.
	go run ./api/cmd compat -examples "$$OLD"

redocly: ## Redocly's linter passes; .redocly.yaml has the rules.
	@$(REDOCLY) --version >/dev/null 2>&1 || { echo "redocly: skipped, as npm cannot install it here"; test -z "$$GITHUB_ACTIONS"; exit; }; \
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(REDOCLY) lint --config .redocly.yaml api/openapi.yaml

changes: ## Report what changes for callers from OLD to NEW. Each is a git revision, or published or imported descriptions; the default of NEW is the work tree.
	@go run ./api/cmd changes "$$OLD" "$$NEW"

VERSION ?= Unreleased
export VERSION

notes: ## Print the notes of release VERSION: its section of CHANGELOG.md, and what changed for callers since OLD.
	@awk -v version="$${VERSION#v}" '/^## /{on = $$2 == version; next} on; on && /./{found = 1} END{exit !found}' CHANGELOG.md || \
		{ echo "notes: CHANGELOG.md has no section $${VERSION#v}" >&2; exit 1; }
	@printf '# The change report\n\n' && go run ./api/cmd changes "$$OLD"

recorded: ## The verdicts of oasdiff that the change report is tested with are up to date.
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && cp -R api/internal/changes/testdata "$$dir/before" && \
	$(MAKE) --no-print-directory record && cp -R api/internal/changes/testdata "$$dir/after" && \
	cp -R "$$dir"/before/. api/internal/changes/testdata && diff -ru "$$dir/before" "$$dir/after"

record: ## Run oasdiff again, and record its verdicts for that test.
	go test -count=1 ./api/internal/changes -run=TestCases -record

test: ## The tests, with the race detector, in random order. What is too slow with it only runs with go test ./...
	go test -race -shuffle=on ./...

modules: ## The separate modules build and pass their tests: the clients for benchmarks, the OpenTelemetry example.
	cd wrapper/internal/peers && go generate . && go vet ./... && go test .
	cd wrapper/examples/otel && go vet ./... && go test .

vulnerabilities: ## govulncheck finds no vulnerability; skipped where its database cannot be reached.
	@report=$$($(GOVULNCHECK) ./... 2>&1) && echo "$$report" || { echo "$$report"; case $$report in \
		*"fetching vulnerabilities"*) echo "vulnerabilities: skipped, as https://vuln.go.dev cannot be reached here"; test -z "$$GITHUB_ACTIONS" ;; *) false ;; esac; }

ajv: ## The client's requests and the test Space's responses are valid by the description, as Ajv sees it.
	@cd wrapper/internal/ajv && npm install --no-package-lock --no-audit --no-fund --silent >/dev/null 2>&1 \
		|| { echo "ajv: skipped, as npm cannot install ajv here"; exit 0; } && \
	corpus=$$(mktemp) && trap 'rm -f "$$corpus"' EXIT && \
	SIGNALWIRE_CORPUS="$$corpus" go test -count=1 -run TestClientOnEveryOperation ../../signalwiretest && \
	node validate.mjs ../../../api/openapi.json "$$corpus"

# How often, and for how long each time, to run what is compared.
ROUNDS    = 10
BENCHTIME = 0.3s

# compare runs the benchmarks $(1) of the package in directory $(2), and shows
# each client $(3) against the first of them. It runs all of them in each round,
# one after another, so that what else the machine does hits all alike.
compare = cd $(2) && dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	go test -c -o "$$dir/bench" . && \
	for round in $$(seq $(ROUNDS)); do \
		"$$dir/bench" -test.run='^$$' -test.bench='$(1)' -test.benchmem -test.benchtime=$(BENCHTIME) >>"$$dir/results" || { cat "$$dir/results"; exit 1; }; \
	done && \
	$(BENCHSTAT) -col '/client@($(3))' "$$dir/results"

bench: ## Measure the speed against a client by hand.
	@$(call compare,^Benchmark(Patch|List1000|VoiceLogs)$$,wrapper,floor ours)

peers: ## Measure the speed against other clients, too.
	@cd wrapper/internal/peers && go generate ./...
	@$(call compare,.,wrapper/internal/peers,floor ours oapi-codegen ogen twilio-go)

weight: ## What the library adds to a program (size, dependencies) is below the limits.
	go run ./wrapper/internal/weight

# How long chaos lasts, and what is random in it.
DURATION = 1m
SEED     = 1

chaos: ## No request is lost or repeated while nginx and HAProxy are reloaded and killed; skipped where neither is installed.
	go run ./wrapper/internal/chaos -duration $(DURATION) -seed $(SEED)

soak: ## Make a million calls to a Space in the process that fails in every way.
	go run ./wrapper/internal/soak -seed $(SEED)

demo: ## Run the example that changes a SIP gateway and a SIP credential.
	go run ./wrapper/examples/patch
