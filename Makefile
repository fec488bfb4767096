# maitred - GNU make 4.3 on Debian 12. `make help` lists what it can do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules --no-print-directory

B ?= build# where everything built goes; `make B=/tmp/x` builds elsewhere
V ?=# `make V=1` shows the commands
Q := $(if $(V),,@)
JOBS := -j$(shell nproc)

# ---- Packages --------------------------------------------------------------------------------

BUILD_DEPS := ca-certificates curl gcc g++ libc6-dev libh2o-evloop-dev libssl-dev libpq-dev libyajl-dev \
	libcurl4-openssl-dev libphonenumber-dev libicu-dev libcrypt-dev libjwt-dev libexpat1-dev libkainjow-mustache-dev \
	libseccomp-dev $(if $(shell command -v node),,nodejs) $(if $(shell command -v npm),,npm)
DEPS := $(BUILD_DEPS) postgresql-15
TEST_DEPS := libcmocka-dev binutils clang clang-format clang-tidy libclang-rt-14-dev cppcheck spin \
	universal-ctags python3 valgrind libc6-dbg chromium haproxy age faketime openssl systemd pgbouncer nginx-light
IMAGE_DEPS := buildah mmdebstrap
BENCH_DEPS := python3 valgrind libc6-dbg kannel openssl
ATTACK_DEPS := slowhttptest testssl.sh sqlmap wapiti
TORTURE_DEPS := nftables iproute2 faketime util-linux $(if $(shell command -v node),,nodejs)

# ---- Sources ---------------------------------------------------------------------------------

# In the order of who may include whom. `make PARTS="gateway/core providers" ...` builds a part.
PARTS ?= gateway/core providers db routing gateway fixtures/carriers
SOURCES := $(sort $(foreach p,$(PARTS),$(wildcard $p/*.c $p/*.cc)))

# Made from db/, providers/ and ASSETS; the .c files among them are compiled like any other.
GEN := $(B)/gen
CONSOLE := gateway/console/node_modules
# The pages at /docs and /join: ours, and Swagger UI's from npm. Each as it is, and packed.
DOCS := $(addprefix $(GEN)/docs/,docs.html docs.js docs.css join.html join.js join.css \
	swagger-ui.css swagger-ui-bundle.js)
ASSETS := $(sort $(wildcard $(addprefix fixtures/carriers/*.,html css js svg)) \
	$(wildcard $(addprefix gateway/console/guest/*.,html css js json)) \
	gateway/console/setup/setup.html db/demo.sql db/demo_evening.sql \
	gateway/openapi_schemas.json $(DOCS) $(DOCS:=.gz))
# The console for staff, bundled: the names of its files hold a hash, so its folder stands for them.
BUNDLE := $(GEN)/console/index.html
BUNDLE_SOURCES := gateway/console/build.mjs $(shell find gateway/console/src -type f)

GEN_SOURCES := $(if $(filter db,$(PARTS)),$(GEN)/statements.c $(GEN)/migrations.c $(GEN)/functions.c) \
	$(if $(filter gateway,$(PARTS)),$(GEN)/assets.c)
GEN_HEADERS := $(GEN)/statements.h $(GEN)/migrations.h $(GEN)/functions.h $(GEN)/assets.h \
	$(if $(wildcard providers/codes.awk),$(GEN)/codes_table.h $(GEN)/zones_table.h)

# What each folder may include. A forbidden include does not compile.
PQ_INCLUDE = -isystem $(shell pg_config --includedir)
INC_gateway/core := -Igateway/core
INC_providers := -Igateway/core -Iproviders -I$(GEN)
INC_db = -Igateway/core -Idb -I$(GEN) $(PQ_INCLUDE)
INC_routing := -Igateway/core -Iproviders -Idb -Irouting -I$(GEN)
INC_gateway := -Igateway/core -Iproviders -Idb -Irouting -Igateway -I$(GEN)
INC_fixtures/carriers := -Igateway/core -Iproviders -Igateway -Ifixtures/carriers -I$(GEN)
INC_$(GEN) := -I$(GEN)
INC_tests = $(addprefix -I,$(PARTS)) -Itests -I$(GEN) $(PQ_INCLUDE)
# The simulation is linked in place of loop, clock, database and HTTP client: it sees no more.
INC_tests/sim := $(INC_routing) -Itests/sim
# The one file of the gateway that starts the simulated carriers.
INC_gateway/dev.c := $(INC_gateway) -Ifixtures/carriers

# The includes for a source file: its own line above, or its folder's; all tests have the same.
inc = $(or $(INC_$(1)),$(INC_$(patsubst %/,%,$(dir $(1)))),$(INC_tests))

# ---- Compilers -------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wno-unused-parameter -Werror
WARN_C := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
CSTD := -std=gnu11 -D_GNU_SOURCE $(WARN) $(WARN_C)
CXXSTD := -std=c++17 $(WARN)
CPPFLAGS := -DH2O_USE_LIBUV=0
LIBS := -lh2o-evloop -lssl -lcrypto -lpq -lcurl -lyajl -lphonenumber -lprotobuf -licuuc -lcrypt -ljwt -lexpat -lseccomp -pthread

# $(call cc_option,flags): those of them that gcc knows here.
cc_option = $(shell for f in $(1); do gcc -Werror $$f -x c -c -o /dev/null /dev/null 2>&- && echo " $$f"; done)

# Assertions stay on: they guard our own invariants, in production too. tests/check/hardened.py
# looks for what the rest of these leave in the binary.
RELEASE := -O2 -g -fPIE -fexceptions -fstack-protector-strong -fstack-clash-protection \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	-Wconversion -Wtrampolines -Wbidi-chars=any \
	$(call cc_option,-fcf-protection=full -mbranch-protection=standard -ftrivial-auto-var-init=zero \
	-fstrict-flex-arrays=3 -fzero-init-padding-bits=all)
RELEASE_LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
SAN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# gcc's flow warnings are not reliable under its sanitizers; the release build has them on.
SAN_GCC := $(SAN) -DCRASHPOINTS -Wno-maybe-uninitialized -Wno-stringop-overflow
FUZZ := $(SAN) -fsanitize=fuzzer-no-link
TSAN := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -Wno-maybe-uninitialized -Wno-tsan

# ---- Building --------------------------------------------------------------------------------

.PHONY: all
all: $(B)/maitred ## build build/maitred (the default)

.PHONY: san
san: $(B)/san/maitred ## build build/san/maitred, with address and undefined-behaviour sanitizers

.PHONY: FORCE
FORCE:

# $(call write,file,command): the command's output becomes the file, if that changes it.
write = @mkdir -p $(@D) && { $(1); } >$@.new && \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# $(call tree,folder,C compiler,C++ compiler,variable with flags): how a build tree makes its objects.
# Each tree puts them in an archive, so that a test links only what it uses.
define tree
$(1)/%.o: %.c $(1)/flags | $(GEN_HEADERS)
	@mkdir -p $$(@D); $(if $(V),,echo "  CC  $$@")
	$$(Q)$(2) $(CSTD) $$($(4)) $(CPPFLAGS) $$(call inc,$$<) -MMD -MP -c -o $$@ $$<

$(1)/%.o: %.cc $(1)/flags | $(GEN_HEADERS)
	@mkdir -p $$(@D); $(if $(V),,echo "  CXX $$@")
	$$(Q)$(3) $(CXXSTD) $$($(4)) $(CPPFLAGS) $$(call inc,$$<) -MMD -MP -c -o $$@ $$<

# Other flags: compile all again. Other files: link again.
$(1)/flags: FORCE
	$$(call write,echo '$(2) $(3) $$(CSTD) $$(CXXSTD) $$($(4)) $$(CPPFLAGS)')
$(1)/files: FORCE
	$$(call write,echo '$$(SOURCES) $$(GEN_SOURCES) $$(HELPERS)')

$(1)/maitred.a: $$(filter-out $(1)/gateway/main.o,$$(call objects,$(1))) $(1)/files
	@rm -f $$@; $(if $(V),,echo "  AR  $$@")
	$$(Q)ar rcs $$@ $$(filter %.o,$$^)

-include $$(patsubst %.o,%.d,$$(call objects,$(1)))
endef

objects = $(addprefix $(1)/,$(addsuffix .o,$(basename $(SOURCES) $(GEN_SOURCES))))

$(eval $(call tree,$(B)/obj,gcc,g++,RELEASE))
$(eval $(call tree,$(B)/san,gcc,g++,SAN_GCC))
$(eval $(call tree,$(B)/fuzz,clang-14,clang++-14,FUZZ))
$(eval $(call tree,$(B)/tsan,gcc,g++,TSAN))

$(B)/maitred: $(B)/obj/gateway/main.o $(B)/obj/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)g++ $(RELEASE) $(RELEASE_LINK) -o $@ $^ $(LIBS)

SHIM := $(B)/san/tests/san_shim.o $(B)/san/tests/crash.o
$(B)/san/maitred: $(B)/san/gateway/main.o $(SHIM) $(B)/san/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)g++ $(SAN) -o $@ $^ $(LIBS)

$(B)/tsan/maitred: $(B)/tsan/gateway/main.o $(B)/tsan/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)g++ $(TSAN) -o $@ $^ $(LIBS)

# ---- Generated files -------------------------------------------------------------------------

# They are made each time, which takes milliseconds, and replaced only when they differ: so a file
# that is added, renamed or removed is seen as well as one that is edited.
SQL := $(sort $(wildcard db/sql/*.sql))
MIGRATIONS := $(sort $(wildcard db/migrations/*.sql))
FUNCTIONS := $(sort $(wildcard db/functions/*.sql))

$(GEN)/statements.h: FORCE
	$(call write,awk -v kind=statement -v part=h -f db/embed.awk $(SQL))
$(GEN)/statements.c: $(GEN)/statements.h FORCE
	$(call write,awk -v kind=statement -v part=c -f db/embed.awk $(SQL))
$(GEN)/migrations.h: FORCE
	$(call write,awk -v kind=migration -v part=h -f db/embed.awk $(MIGRATIONS))
$(GEN)/migrations.c: $(GEN)/migrations.h FORCE
	$(call write,awk -v kind=migration -v part=c -f db/embed.awk $(MIGRATIONS))
$(GEN)/functions.h: FORCE
	$(call write,awk -v kind=function -v part=h -f db/embed.awk $(FUNCTIONS))
$(GEN)/functions.c: $(GEN)/functions.h FORCE
	$(call write,awk -v kind=function -v part=c -f db/embed.awk $(FUNCTIONS))
$(GEN)/codes_table.h: FORCE
	$(call write,awk -f providers/codes.awk providers/codes.tsv)
$(GEN)/zones_table.h: FORCE
	$(call write,awk -f providers/zones.awk providers/area_zones.tsv)
$(GEN)/assets.h: FORCE
	$(call write,gateway/embed.sh h)
$(GEN)/assets.c: $(GEN)/assets.h $(ASSETS) $(BUNDLE) FORCE
	$(call write,gateway/embed.sh c $(ASSETS) $(dir $(BUNDLE))*)
# Its object holds their bytes.
$(foreach t,obj san fuzz tsan,$(B)/$t/$(GEN)/assets.o): $(ASSETS) $(BUNDLE)

$(BUNDLE): $(BUNDLE_SOURCES) $(CONSOLE)/.package-lock.json
	@mkdir -p $(@D); $(if $(V),,echo "  JS  $@")
	$(Q)node gateway/console/build.mjs $(@D)

$(filter-out $(GEN)/docs/swagger-ui%,$(DOCS)): $(GEN)/docs/%: gateway/console/docs/%
	@mkdir -p $(@D) && cp $< $@
$(filter $(GEN)/docs/swagger-ui%,$(DOCS)): $(CONSOLE)/.package-lock.json
	@mkdir -p $(@D) && cp $(CONSOLE)/swagger-ui-dist/$(@F) $@
$(DOCS:=.gz): %.gz: %
	@gzip -9n <$< >$@

# ---- Tests -----------------------------------------------------------------------------------

UNIT := $(patsubst tests/%.c,$(B)/san/tests/%,$(wildcard tests/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
# What unit tests share: what is not a test itself. Archived too.
HELPERS := $(patsubst %.c,$(B)/san/%.o,$(filter-out tests/test_%.c tests/san_shim.c tests/crash.c tests/filter.c,\
	$(wildcard tests/*.c tests/torture/*.c)))

.PHONY: unit fuzzers
unit: $(UNIT)
fuzzers: $(FUZZERS)

# Preloaded by tests into the release binary.
$(B)/tests/shim/%.so: tests/shim/%.c
	@mkdir -p $(@D); $(if $(V),,echo "  LD  $@")
	$(Q)gcc -O2 -fPIC -shared $(CSTD) -o $@ $<

$(B)/san/tests/helpers.a: $(HELPERS) $(B)/san/files
	@rm -f $@
	$(Q)ar rcs $@ $(HELPERS)

$(B)/san/tests/test_%: $(B)/san/tests/test_%.o $(B)/san/tests/filter.o $(SHIM) \
		$(B)/san/tests/helpers.a $(B)/san/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)g++ $(SAN) -o $@ $^ $(LIBS) -lcmocka

$(B)/tsan/tests/helpers.a: $(HELPERS:$(B)/san/%=$(B)/tsan/%) $(B)/tsan/files
	@rm -f $@
	$(Q)ar rcs $@ $(filter %.o,$^)

$(B)/tsan/tests/test_%: $(B)/tsan/tests/test_%.o $(B)/tsan/tests/filter.o $(B)/tsan/tests/helpers.a $(B)/tsan/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)g++ $(TSAN) -o $@ $^ $(LIBS) -lcmocka

$(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(B)/fuzz/maitred.a
	@$(if $(V),,echo "  LD  $@")
	$(Q)clang++-14 $(SAN) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# $(call simulation,folder of a build tree,flags,objects): tests/sim with that tree's production code.
SIM_OBJECTS := $(patsubst %.c,%.o,$(wildcard tests/sim/*.c))
define simulation
$(1)/tests/sim/sim: $(addprefix $(1)/,$(SIM_OBJECTS)) $(3) $(1)/maitred.a
	@$(if $(V),,echo "  LD  $$@")
	$$(Q)g++ $(2) -Wl,--wrap=secret_random -o $$@ $$^ $$(LIBS)
endef
$(eval $(call simulation,$(B)/obj,$(RELEASE) $(RELEASE_LINK)))
$(eval $(call simulation,$(B)/san,$(SAN),$(SHIM)))

.SECONDARY:
-include $(wildcard $(B)/obj/tests/sim/*.d $(B)/san/tests/*.d $(B)/san/tests/*/*.d $(B)/fuzz/tests/fuzz/*.d)

# `make test T=test_json` runs one suite, T='test_json:*depth*' those of its tests that match,
# T='style format' several.
T ?=

.PHONY: test
test: test-deps ## run every test (T=name: one suite; T='name:*part*': some of its tests)
	@B='$(B)' tests/run $(foreach t,$(T),'$(t)')

.PHONY: guards
guards: test-deps ## take each guard of the send engine away: a test has to fail
	@$(MAKE) $(JOBS) all san unit
	@B='$(B)' tests/guards/run

.PHONY: bench
bench: deps tests/bench/peers/node_modules/.package-lock.json ## measure it beside others, 50 minutes (S=callbacks: a part; ROUNDS, HISTORY)
	@$(call install,$(BENCH_DEPS))
	@$(MAKE) $(JOBS) all
	@tests/bench/run $(S)

.PHONY: lighthouse
lighthouse: test-deps ## demand 95 of 100 for the speed of each page (tests/e2e/lighthouse.test.mjs)
	@$(MAKE) $(JOBS) all
	@PERFORMANCE=95 MAITRED='$(abspath $(B))/maitred' node --test tests/e2e/lighthouse.test.mjs

.PHONY: soak
soak: test-deps ## reply for SOAK_S seconds (default 300) on a board of 200 parties (tests/e2e/soak.test.mjs)
	@$(MAKE) $(JOBS) all
	@SECONDS='$(or $(SOAK_S),300)' MAITRED='$(abspath $(B))/maitred' node --test tests/e2e/soak.test.mjs

# The suite e2e_machines is a short piece of it, with half of the processes behind the pooler.
.PHONY: machines
machines: test-deps ## 20,000 texts by 6 processes that are killed, with and without PgBouncer (tests/e2e/machines.test.mjs)
	@$(MAKE) $(JOBS) all
	@for pooled in none all; do N='$(or $(N),20000)' POOLED=$$pooled MAITRED='$(abspath $(B))/maitred' \
		node --test tests/e2e/machines.test.mjs; done

.PHONY: attack
attack: test-deps ## testssl.sh, slowhttptest, sqlmap and wapiti against it, and 20,000 clients (tests/attack; 10 minutes)
	@$(call install,$(ATTACK_DEPS))
	@$(MAKE) $(JOBS) all
	@ulimit -n hard; MAITRED='$(abspath $(B))/maitred' node --test tests/attack/attack.test.mjs

# `make torture README=1` puts its table into README.md. The suite torture_slice is a short piece of it.
.PHONY: torture
torture: deps ## kill, freeze and cut off everything for TORTURE_S seconds (default 660; tests/torture)
	@$(call install,$(TORTURE_DEPS))
	@$(MAKE) $(JOBS) all
	@$(SUDO) env B='$(abspath $(B))' $(foreach v,TORTURE_S SEED GATEWAYS RATE README,$(if $($(v)),$(v)='$($(v))')) \
		tests/torture/run

.PHONY: fuzz
fuzz: test-deps ## fuzz each target for FUZZ_S seconds (default 60)
	@$(MAKE) $(JOBS) fuzzers
	@for f in $(FUZZERS); do \
		name=$${f##*/}; corpus=$(B)/corpus/$$name; mkdir -p $$corpus; \
		seeds=tests/fuzz/seeds/$$name; [ -d $$seeds ] || seeds=; \
		echo "$$name: $$(ls $$corpus | wc -l) inputs so far"; \
		$$f -max_total_time=$(or $(FUZZ_S),60) -verbosity=0 -print_final_stats=1 -artifact_prefix=$(B)/ \
			$$corpus $$seeds 2>&1 | { grep -v slowest_unit || true; }; \
	done

# Short suites with whole installations; each gateway in them runs under memcheck, and leaves what it says in a file.
VALGRIND_SUITES := people texts
.PHONY: valgrind
valgrind: test-deps ## run some suites with gateways under valgrind: no error, no leak (VALGRIND_SUITES='...')
	@$(MAKE) $(JOBS) all
	@rm -rf $(B)/valgrind && mkdir -p $(B)/valgrind; failed=0; \
	export VALGRIND_LOGS='$(abspath $(B))/valgrind' VALGRIND_PROGRAM='$(abspath $(B))/maitred' \
		MAITRED_RELEASE='$(abspath $(B))/maitred' MAITRED='$(CURDIR)/tests/valgrind/under_valgrind.sh'; \
	node --test --test-concurrency=1 $(VALGRIND_SUITES:%=tests/e2e/%.test.mjs) || failed=1; \
	echo "$$(ls $(B)/valgrind | wc -l) gateways ran under valgrind"; \
	cat $(B)/valgrind/*; [ ! -s <(cat $(B)/valgrind/*) ] || failed=1; exit $$failed

# The threads of a process: several workers, crews, the carriers beside the gateway.
TSAN_TESTS := test_crew test_loop test_loop_watch test_crash_report test_metrics test_password test_secret test_server
TSAN_SUITES := hosts metrics two_gateways
.PHONY: tsan
tsan: test-deps ## run what has threads under ThreadSanitizer
	@$(MAKE) $(JOBS) $(B)/tsan/maitred $(TSAN_TESTS:%=$(B)/tsan/tests/%)
	@export TSAN_OPTIONS='halt_on_error=1 exitcode=66'; \
	for t in $(TSAN_TESTS); do echo "$$t"; $(B)/tsan/tests/$$t >$(B)/tsan/$$t.log 2>&1 || { cat $(B)/tsan/$$t.log; exit 1; }; done; \
	WORKERS=4 MAITRED='$(abspath $(B))/tsan/maitred' MAITRED_RELEASE='$(abspath $(B))/maitred' \
		node --test --test-concurrency=1 $(TSAN_SUITES:%=tests/e2e/%.test.mjs)

.PHONY: sim
sim: test-deps ## run ever new simulated histories for SIM_S seconds (default 3600)
	@$(MAKE) $(JOBS) $(B)/obj/tests/sim/sim
	@$(B)/obj/tests/sim/sim --for $(or $(SIM_S),3600)

# ---- Style -----------------------------------------------------------------------------------

# Folders with C in them that we wrote.
CODE := $(sort $(foreach d,gateway providers db routing fixtures tests,\
	$(shell find $(d) -name node_modules -prune -o \( -name '*.[ch]' -o -name '*.cc' \) -print \
	2>/dev/null)))
# clang-tidy looks at a file again when it, a header that it includes, or the rules have changed.
TIDY := $(patsubst %,$(B)/tidy/%,$(SOURCES))

.PHONY: format
format: test-deps ## format all C with clang-format
	clang-format-14 -i $(CODE)

.PHONY: lint
lint: test-deps ## style, format, clang-tidy, cppcheck
	@B='$(B)' tests/run style format tidy cppcheck

.PHONY: check-format check-tidy check-cppcheck
check-format:
	@clang-format-14 --dry-run -Werror $(CODE) || { echo "make format mends it"; exit 1; }

check-tidy: $(TIDY)

$(B)/tidy/%.c: $(B)/san/%.o .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy-14 --quiet $*.c -- $(CSTD) $(CPPFLAGS) $(call inc,$*.c) 2>$@.err || \
		{ cat $@.err; exit 1; }
	@touch $@
$(B)/tidy/%.cc: $(B)/san/%.o .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy-14 --quiet $*.cc -- $(CXXSTD) $(CPPFLAGS) $(call inc,$*.cc) 2>$@.err || \
		{ cat $@.err; exit 1; }
	@touch $@

# The console's types are made from our own document, so that nobody has to keep them alike.
CONSOLE_BIN := $(CONSOLE)/.bin
BOARD_MAX_KB := 60
.PHONY: types check-console
types: all ## write gateway/console/src/api.d.ts, for editors, from the document of the API
	@$(B)/maitred openapi >$(B)/openapi.json
	@$(CONSOLE_BIN)/openapi-typescript $(B)/openapi.json -o gateway/console/src/api.d.ts >/dev/null

# What the board loads: its page, its style, and the scripts that the first one names.
check-console: types
	@$(CONSOLE_BIN)/tsc -p gateway/console
	@node gateway/console/budget.mjs $(dir $(BUNDLE)) $(BOARD_MAX_KB)

check-cppcheck:
	@mkdir -p $(B)/cppcheck
	@cppcheck $(JOBS) --quiet --error-exitcode=1 --inline-suppr --cppcheck-build-dir=$(B)/cppcheck \
		--enable=warning,performance,portability --library=posix --std=c11 \
		--suppress=missingIncludeSystem --suppress=invalidPrintfArgType_uint \
		$(addprefix -I,$(PARTS) $(GEN)) $(filter %.c,$(SOURCES))

compile_commands.json: FORCE ## for editors and clangd
	$(call write,echo '['; $(foreach s,$(SOURCES),echo '$(call compile_command,$s)';) echo ']')

comma := ,
compile_command = {"directory": "$(CURDIR)", "file": "$(1)", "command": "gcc \
	$(if $(filter %.cc,$(1)),$(CXXSTD),$(CSTD)) $(CPPFLAGS) $(call inc,$(1)) -c $(1)"}$(if \
	$(filter-out $(1),$(lastword $(SOURCES))),$(comma))

# ---- Database --------------------------------------------------------------------------------

.PHONY: schema
schema: all ## write db/schema.sql: what the migrations add up to
	@db/dump.sh $(B)/maitred >$(B)/schema.sql
	@mv $(B)/schema.sql db/schema.sql

# ---- Image -----------------------------------------------------------------------------------

.PHONY: library-packages
library-packages: all ## print the Debian packages of the libraries that build/maitred is linked with
	@ldd $(B)/maitred | awk '$$3 ~ "^/" { print $$3 }' | xargs realpath | sed 's,^/usr,,' | sed 'p; s,^,/usr,' | \
		{ xargs dpkg-query -S 2>/dev/null || true; } | cut -d : -f 1 | sort -u

.PHONY: sbom
sbom: all ## write build/sbom.cdx.json: what it is made of, as CycloneDX
	@node gateway/sbom.mjs $(B)/maitred $$($(MAKE) -s library-packages) >$(B)/sbom.cdx.json

# Docker Hub is not asked: a Debian made by mmdebstrap stands in for its debian:bookworm-slim.
.PHONY: image
image: ## build the Dockerfile with buildah, on a stand-in for debian:bookworm-slim
	@$(call install,$(IMAGE_DEPS))
	@$(SUDO) tests/image/build '$(abspath $(B))/image'

.PHONY: check-image
check-image: test-deps all image ## and run it as Heroku would, behind a router (tests/image, e2e_heroku)
	@$(SUDO) env IMAGE='$(abspath $(B))/image/tree' MAITRED='$(abspath $(B))/maitred' \
		node --test tests/image/image.test.mjs tests/e2e/heroku.test.mjs

# ---- Running ---------------------------------------------------------------------------------

.PHONY: run
run: deps ## install what is missing, build, and run it all here until Ctrl-C
	@$(MAKE) $(JOBS) all
	@exec setpriv --pdeathsig TERM gateway/dev.sh $(B)/maitred dev

.PHONY: debug
debug: deps ## the same in gdb, with sanitizers
	@$(call install,gdb)
	@$(MAKE) $(JOBS) san
	@SANDBOX=off exec gateway/dev.sh gdb -ex run --args $(B)/san/maitred dev

# ---- Packages --------------------------------------------------------------------------------

# $(call install,packages): installs those that are missing; without any, it touches no network.
# Debian's postgresql would also start a server for the whole machine; it is told not to.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
define install
missing=$$(for p in $(1); do \
	dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; \
done); \
if [ -n "$$missing" ]; then \
	echo "Installing:" $$missing; \
	$(SUDO) apt-get update -q; \
	if grep -q ^postgresql <<<"$$missing"; then \
		$(APT) postgresql-common; \
		$(SUDO) sed -i 's/^#\? *create_main_cluster.*/create_main_cluster = false/' \
			/etc/postgresql-common/createcluster.conf; \
	fi; \
	$(APT) $$missing; \
fi
endef

.PHONY: deps
deps: ## install the Debian packages that maitred needs
	@$(call install,$(DEPS))

.PHONY: build-deps
build-deps: ## only those that building it needs
	@$(call install,$(BUILD_DEPS))

.PHONY: test-deps
test-deps: ## and those that its tests need
	@$(call install,$(DEPS) $(TEST_DEPS))
	@$(MAKE) --no-print-directory tests/node_modules/.package-lock.json

# npm writes this file itself when it is done. No package runs a program of its own meanwhile.
%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# ---- The rest --------------------------------------------------------------------------------

.PHONY: clean
clean: ## delete what was built, and the database of `make run`
	@if [ -d .maitred ]; then db/postgres.sh drop .maitred; fi
	rm -rf $(B) compile_commands.json

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "make %-22s %s\n", $$1, $$2 }' Makefile
