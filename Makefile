# The chain of the report: what is made from what. `make help` lists the commands.
# Runs on GNU make. Everything a notebook reads, imports and writes is declared here and nowhere
# else; korus.run refuses a notebook that does otherwise, tests/test_make.py checks the imports.

PROFILE ?= baseline
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STATE := _build/$(PROFILE)
ifeq ($(PROFILE),baseline)
PROCESSED := data/processed
CHAPTERS := book/chapters
HTML := _build/html/index.html
PDF := _build/korus.pdf
else
PROCESSED := data/processed/$(PROFILE)
CHAPTERS := $(STATE)/chapters
HTML := $(STATE)/html/index.html
PDF := $(STATE)/korus.pdf
endif

# ---- The notebooks -----------------------------------------------------------------------------
# .raw         folders and files below data/raw that it reads
# .reads       files below data/processed that it reads (written by notebooks above it)
# .parameters  parameters it takes (its cell tagged `parameters`)
# .modules     modules of korus it imports itself; what these import follows from the next table
# .writes      files below data/processed that it writes
# .figures     figures it writes: results/figures/<name>.{svg,png,vl.json,csv,md}

NOTEBOOKS :=

NOTEBOOKS += 11_clean_investment
11_clean_investment.raw := bea kexim reference projects/cim_facilities.csv corrections.csv sources.csv
11_clean_investment.modules := clean.investment corrections coverage show tables
11_clean_investment.writes := investment.parquet results/controls/investment.csv

NOTEBOOKS += 12_clean_trade
12_clean_trade.raw := census reference/countries.csv sources.csv corrections.csv
12_clean_trade.modules := clean.trade corrections raw show tables
12_clean_trade.writes := trade_monthly.parquet trade_products.parquet bilateral_trade.parquet \
    results/controls/trade.csv

NOTEBOOKS += 13_clean_measures
13_clean_measures.raw := policy
13_clean_measures.modules := clean.measures raw show tables
13_clean_measures.writes := measures.parquet

NOTEBOOKS += 14_clean_projects
14_clean_projects.raw := projects/projects.csv
14_clean_projects.modules := clean.projects raw show tables
14_clean_projects.writes := projects.parquet

NOTEBOOKS += 15_clean_structure
15_clean_structure.raw := io reference/countries.csv world sources.csv
15_clean_structure.modules := clean.structure raw show tables
15_clean_structure.writes := io.parquet world_imports.parquet

NOTEBOOKS += 16_clean_law
16_clean_law.raw := hs policy census sources.csv
16_clean_law.reads := measures.parquet
16_clean_law.modules := clean.law show tables
16_clean_law.writes := tariff_lines.parquet tariff_groups.parquet tariff_rules.parquet import_weights.parquet

NOTEBOOKS += 19_coverage
19_coverage.raw := census sources.csv
19_coverage.reads := investment.parquet trade_monthly.parquet trade_products.parquet \
    bilateral_trade.parquet measures.parquet projects.parquet io.parquet world_imports.parquet
19_coverage.parameters := as_of max_tier
19_coverage.modules := charts.coverage clean.end_use coverage figures missing raw selection show tables values
19_coverage.writes := results/values/19_coverage.csv
19_coverage.figures := coverage

NOTEBOOKS += 21_greenfield
21_greenfield.reads := investment.parquet
21_greenfield.parameters := as_of max_tier
21_greenfield.modules := charts.investment charts.mirror composition figures greenfield missing show tables values
21_greenfield.writes := results/values/21_greenfield.csv
21_greenfield.figures := outflows panel quarters vintages regions us-industries bea-greenfield

NOTEBOOKS += 22_bounds
22_bounds.raw := kexim/statements.csv sources.csv
22_bounds.reads := investment.parquet
22_bounds.parameters := as_of max_tier
22_bounds.modules := charts.bounds figures greenfield_constraints intervals raw show tables values
22_bounds.writes := results/values/22_bounds.csv
22_bounds.figures := greenfield-intervals

NOTEBOOKS += 23_break
23_break.reads := investment.parquet
23_break.parameters := as_of max_tier
23_break.modules := break_checks breaks charts.breaks figures greenfield show tables values
23_break.writes := results/values/23_break.csv
23_break.figures := break-years

NOTEBOOKS += 24_readings
24_readings.raw := bea/new_fdi.csv bea/release_days.csv claims/claims.csv reference sources.csv
24_readings.reads := investment.parquet projects.parquet
24_readings.parameters := as_of max_tier
24_readings.modules := charts.mirror clean.places feasibility figures greenfield projects raw readings show tables values
24_readings.writes := results/values/24_readings.csv
24_readings.figures := readings

NOTEBOOKS += 25_mirror
25_mirror.raw := bea/new_fdi.csv bea/release_days.csv bea/position_and_flows.csv \
    projects/cim_facilities.csv reference sources.csv
25_mirror.reads := investment.parquet projects.parquet
25_mirror.parameters := as_of max_tier
25_mirror.modules := charts.mirror clean.places feasibility figures greenfield ladder mirror project_matches projects raw readings show tables values
25_mirror.writes := results/values/25_mirror.csv
25_mirror.figures := mirror ladder

NOTEBOOKS += 26_projects
26_projects.raw := projects/cim_facilities.csv sources.csv
26_projects.reads := projects.parquet
26_projects.parameters := as_of max_tier
26_projects.modules := charts.projects figures project_matches projects raw show tables values
26_projects.writes := results/values/26_projects.csv
26_projects.figures := project-states project-sectors monitor

NOTEBOOKS += 27_revisions
27_revisions.reads := investment.parquet results/values/21_greenfield.csv
27_revisions.parameters := as_of max_tier
27_revisions.modules := charts.mirror figures revisions show tables values
27_revisions.writes := results/values/27_revisions.csv results/prints.csv
27_revisions.figures := revisions

NOTEBOOKS += 30_statutory
30_statutory.reads := measures.parquet tariff_lines.parquet tariff_groups.parquet tariff_rules.parquet \
    import_weights.parquet trade_products.parquet trade_monthly.parquet
30_statutory.parameters := as_of max_tier
30_statutory.modules := charts.statutory figures rate_path show statutory_text tables tariffs values
30_statutory.writes := statutory.parquet results/values/30_statutory.csv
30_statutory.figures := statutory-authorities korus-preference

NOTEBOOKS += 31_tariffs
31_tariffs.raw := policy/regimes.csv census sources.csv
31_tariffs.reads := trade_monthly.parquet trade_products.parquet bilateral_trade.parquet \
    measures.parquet statutory.parquet results/values/30_statutory.csv
31_tariffs.parameters := as_of max_tier rivals
31_tariffs.modules := charts.duty_rate charts.tariffs clean.end_use clean.measures figures raw regimes show tables \
    tariffs tariffs_text values
31_tariffs.writes := results/values/31_tariffs.csv
31_tariffs.figures := duty-rate collected-rate computing-goods twelve-months duty-bill rivals partners balance

NOTEBOOKS += 32_gap
32_gap.raw := benchmarks/yale_monthly.csv benchmarks/tracker_korea_rates.csv census/imports_hs6.csv \
    policy/regimes.csv policy/tracker_names.csv policy/tracker_disagreements.csv sources.csv
32_gap.reads := measures.parquet tariff_lines.parquet tariff_groups.parquet tariff_rules.parquet \
    import_weights.parquet trade_products.parquet trade_monthly.parquet statutory.parquet
32_gap.parameters := as_of max_tier
32_gap.modules := benchmark charts.duty_rate clean.measures clean.origin decomposition figures gap \
    gap_text rate_path raw regimes selection show tables tariff_products tariffs tracker values
32_gap.writes := results/values/32_gap.csv
32_gap.figures := law-and-till law-or-goods

NOTEBOOKS += 33_products
33_products.raw := census/imports_hs4.csv census/imports_hs6.csv sources.csv
33_products.reads := trade_monthly.parquet trade_products.parquet
33_products.parameters := as_of max_tier rivals
33_products.modules := charts.tariff_products figures raw show tables tariff_products tariffs values
33_products.writes := results/values/33_products.csv
33_products.figures := duty-by-product car-rates product-rates

NOTEBOOKS += 35_markets
35_markets.reads := world_imports.parquet
35_markets.parameters := as_of max_tier
35_markets.modules := charts.markets figures markets show tables values
35_markets.writes := results/values/35_markets.csv
35_markets.figures := import-shares

NOTEBOOKS += 41_imports
41_imports.raw := benchmarks/yale_monthly.csv sources.csv
41_imports.reads := trade_monthly.parquet trade_products.parquet
41_imports.parameters := as_of max_tier
41_imports.modules := charts.imports estimates figures imports_curve imports_panel imports_text raw selection show \
    tables tariffs values
41_imports.writes := results/values/41_imports.csv results/estimates/41_imports.csv
41_imports.figures := imports-scatter imports-curve imports-timing

NOTEBOOKS += 42_cars
42_cars.reads := trade_products.parquet
42_cars.parameters := as_of max_tier
42_cars.modules := cars_effect cars_text charts.cars estimates figures selection show tables values
42_cars.writes := results/values/42_cars.csv results/estimates/42_cars.csv
42_cars.figures := cars-scatter

NOTEBOOKS += 43_synthetic
43_synthetic.reads := trade_monthly.parquet trade_products.parquet
43_synthetic.parameters := as_of max_tier
43_synthetic.modules := charts.common charts.synthetic estimates figures selection show synthetic synthetic_checks \
    synthetic_text tables values
43_synthetic.writes := results/values/43_synthetic.csv results/estimates/43_synthetic.csv
43_synthetic.figures := synthetic-fit synthetic-gap synthetic-placebos synthetic-choices

NOTEBOOKS += 44_building
44_building.raw := policy/regimes.csv hs/imports_by_gtap_sector_2024.csv sources.csv
44_building.reads := io.parquet trade_monthly.parquet trade_products.parquet measures.parquet
44_building.parameters := as_of max_tier pass_through_pct structure_share_pct capital_share_pct
44_building.modules := building building_text charts.building estimates figures raw show tables values
44_building.writes := results/values/44_building.csv results/estimates/44_building.csv
44_building.figures := build-cost protection-eaten

NOTEBOOKS += 45_investment
45_investment.reads := investment.parquet
45_investment.parameters := as_of max_tier
45_investment.modules := charts.investment_effect estimates figures investment_checks investment_text revisions show \
    tables values
45_investment.writes := results/values/45_investment.csv results/estimates/45_investment.csv
45_investment.figures := investment-balance investment-shifts

NOTEBOOKS += 46_incentive
46_incentive.raw := claims/claims.csv sources.csv
46_incentive.reads := trade_products.parquet
46_incentive.parameters := as_of max_tier cost_gap_pct grant_pct credits_pct capital_share_pct
46_incentive.modules := charts.incentive estimates figures incentive incentive_text raw show tables tariff_products values
46_incentive.writes := results/values/46_incentive.csv results/estimates/46_incentive.csv
46_incentive.figures := incentive-tariff

NOTEBOOKS += 47_threshold
47_threshold.reads := world_imports.parquet trade_monthly.parquet results/estimates/41_imports.csv
47_threshold.parameters := as_of max_tier elasticity_grid
47_threshold.modules := charts.threshold estimates figures markets show tables tariffs threshold values
47_threshold.writes := results/values/47_threshold.csv results/estimates/47_threshold.csv
47_threshold.figures := threshold-falls threshold-duty

NOTEBOOKS += 48_sectors
48_sectors.reads := projects.parquet measures.parquet tariff_lines.parquet tariff_groups.parquet tariff_rules.parquet \
    import_weights.parquet trade_products.parquet trade_monthly.parquet results/values/33_products.csv \
    results/values/44_building.csv
48_sectors.parameters := as_of max_tier
48_sectors.modules := charts.sectors figures projects rate_path sector_duties sectors show tables values
48_sectors.writes := results/values/48_sectors.csv
48_sectors.figures := sector-status sector-money

NOTEBOOKS += 50_claims
50_claims.raw := claims benchmarks/announced_investment.csv benchmarks/claims_evidence.csv sources.csv
50_claims.reads := investment.parquet projects.parquet bilateral_trade.parquet world_imports.parquet \
    $(addprefix results/values/,19_coverage.csv 21_greenfield.csv 22_bounds.csv 23_break.csv 24_readings.csv \
    25_mirror.csv 26_projects.csv 27_revisions.csv 30_statutory.csv 31_tariffs.csv 32_gap.csv 33_products.csv \
    35_markets.csv 41_imports.csv 42_cars.csv 43_synthetic.csv 44_building.csv 45_investment.csv 46_incentive.csv \
    47_threshold.csv 48_sectors.csv)
50_claims.parameters := as_of max_tier
50_claims.modules := charts.claims claims claims_text claims_values figures greenfield paths projects raw show tables values
50_claims.writes := results/claims.csv results/values/50_claims.csv
50_claims.figures := claim-verdicts

NOTEBOOKS += 51_commentary
51_commentary.reads := $(addprefix results/values/,21_greenfield.csv 22_bounds.csv 30_statutory.csv 31_tariffs.csv \
    32_gap.csv 33_products.csv 35_markets.csv 44_building.csv 45_investment.csv 46_incentive.csv 47_threshold.csv \
    48_sectors.csv 50_claims.csv)
51_commentary.parameters := as_of max_tier
51_commentary.modules := values
51_commentary.writes :=

NOTEBOOKS += 90_summary
90_summary.raw := census sources.csv
90_summary.reads := investment.parquet trade_monthly.parquet trade_products.parquet bilateral_trade.parquet \
    world_imports.parquet $(addprefix results/values/,21_greenfield.csv 22_bounds.csv 23_break.csv \
    27_revisions.csv 30_statutory.csv 31_tariffs.csv 32_gap.csv 33_products.csv 35_markets.csv 41_imports.csv \
    43_synthetic.csv 44_building.csv 45_investment.csv 46_incentive.csv 47_threshold.csv 48_sectors.csv 50_claims.csv)
90_summary.parameters := as_of max_tier
90_summary.modules := clean.end_use coverage missing raw show tables values
90_summary.writes :=

# ---- The modules: which modules of korus each imports itself -----------------------------------

imports.accept := cells paths raw verify
imports.archive := schemas
imports.baskets :=
imports.bench :=
imports.bench_editions := corners editions paths
imports.bench_effects := imports_curve imports_effect imports_panel tables tariffs
imports.bench_page := paths
imports.bench_pdf := paths pdf pdf_source render stage
imports.bench_sources := sources.census sources.partitions
imports.bench_statutory := clean.measures statutory tables
imports.benchmark := baskets clean.origin rate_path statutory
imports.book_extension := conditions figures mathematics menus provenance values
imports.bounds := programme
imports.break_checks := breaks
imports.breaks :=
imports.building := clean.measures clean.origin input_costs regimes tariff_products tariffs
imports.building_text := building input_costs tariff_products
imports.cars_effect := imports_panel randomization
imports.cars_text := cars_effect charts.common imports_panel
imports.cells :=
imports.changes := corners editions moved paths split values
imports.changes_page := changes editions moved pages values
imports.chart_fonts :=
imports.chart_theme :=
imports.charts :=
imports.charts.bounds := charts.common
imports.charts.breaks := breaks charts.common
imports.charts.building := charts.common
imports.charts.cars := charts.common
imports.charts.common := chart_theme
imports.charts.claims := charts.common claims_text
imports.charts.coverage := charts.common
imports.charts.duty_rate := charts.common
imports.charts.imports := charts.common
imports.charts.incentive := charts.common
imports.charts.investment := charts.common
imports.charts.investment_effect := charts.common investment_effect
imports.charts.markets := charts.common
imports.charts.mirror := charts.common composition
imports.charts.projects := charts.common
imports.charts.sectors := charts.common sectors
imports.charts.statutory := charts.common
imports.charts.synthetic := charts.common synthetic
imports.charts.tariff_products := charts.common tariff_products
imports.charts.tariffs := charts.common
imports.charts.threshold := charts.common
imports.check := clean.end_use clean.investment clean.law clean.measures clean.projects clean.structure clean.trade parameters paths raw schemas verify
imports.claims := claims_text clean.origin raw values verdicts
imports.claims_pages := claims_text pages values verdicts
imports.claims_text := verdicts
imports.claims_values := clean.origin clean.structure selection
imports.clean :=
imports.clean.bea := clean.frame clean.origin clean.places
imports.clean.cim := clean.frame clean.origin
imports.clean.end_use := clean.origin raw selection
imports.clean.frame :=
imports.clean.investment := clean.bea clean.cim clean.kexim clean.places controls corrections paths raw
imports.clean.kexim := clean.frame clean.origin
imports.clean.law := clean.measures clean.origin raw
imports.clean.measures := clean.origin
imports.clean.origin :=
imports.clean.places := clean.origin
imports.clean.projects := clean.origin
imports.clean.structure := clean.origin
imports.clean.trade := clean.origin controls corrections paths raw
imports.composition := selection
imports.conditions :=
imports.controls :=
imports.corners := moved paths
imports.corrections := paths raw
imports.coverage := clean.structure missing selection
imports.decomposition := gap rate_path statutory
imports.downloads := values
imports.editions := paths
imports.estimates := paths tables values
imports.execute := kernel outputs
imports.feasibility := readings
imports.figures := chart_fonts chart_theme tables
imports.finish := style
imports.freeze := changes corners editions moved paths
imports.gap := baskets rate_path statutory
imports.gap_text := baskets benchmark gap rate_path tariffs
imports.greenfield := selection
imports.greenfield_constraints := bounds clean.kexim clean.origin selection
imports.imports_curve := imports_effect imports_panel
imports.imports_effect := imports_panel
imports.imports_panel :=
imports.imports_text := charts.common clean.origin imports_curve imports_effect imports_panel randomization tariffs
imports.incentive := clean.origin selection
imports.incentive_text := incentive
imports.input_costs :=
imports.interactive := chart_theme
imports.intervals := bounds greenfield_constraints values
imports.investment_checks := greenfield investment_effect revisions selection synthetic
imports.investment_effect :=
imports.investment_text := investment_checks investment_effect revisions
imports.kernel := outputs
imports.ladder := greenfield projects readings selection
imports.lock :=
imports.markets := clean.structure selection
imports.mathematics :=
imports.menus := downloads provenance
imports.mirror := clean.origin greenfield readings selection
imports.missing := selection
imports.moved := values
imports.notebook_text :=
imports.outputs := lock
imports.pages := clean.origin raw
imports.parameters := outputs
imports.paths :=
imports.programme :=
imports.project_matches := clean.origin clean.projects projects
imports.projects := clean.projects
imports.randomization := imports_panel
imports.rate_path := baskets clean.measures selection statutory
imports.pdf := paths pdf_source render stage
imports.pdf_inline :=
imports.pdf_source := pdf_inline pdf_tables provenance
imports.pdf_tables := pdf_inline
imports.prose := notebook_text
imports.provenance := raw values
imports.raw := paths
imports.readings := clean.origin clean.places greenfield selection
imports.rebuilt := corners editions paths
imports.regimes := clean.measures clean.origin tariffs
imports.render :=
imports.revisions := greenfield selection
imports.run := execute kernel lock notebook_text outputs parameters paths
imports.schemas :=
imports.sector_duties := building clean.measures rate_path sectors statutory tariff_products values
imports.sectors := clean.projects projects
imports.selection :=
imports.show := tables
imports.site := editions paths rebuilt
imports.sources :=
imports.sources.add := paths raw sources.arrival sources.difference sources.hwp sources.kind \
    sources.ministry sources.ministry_checks sources.ministry_words sources.portal sources.refusal sources.writing
imports.sources.arrival := accept paths raw revisions sources.difference sources.refusal sources.totals \
    sources.writing verify
imports.sources.bea := sources.bea_labels sources.budget sources.client sources.keys sources.sending \
    sources.vintages
imports.sources.bea_fetch := clean.places paths raw sources.bea sources.client sources.partitions sources.vintages
imports.sources.bea_labels := sources.sending
imports.sources.budget :=
imports.sources.census := sources.budget sources.client sources.keys sources.sending
imports.sources.census_panel := paths sources.census sources.client sources.partitions sources.sending
imports.sources.census_tables := raw sources.census sources.partitions sources.vintages
imports.sources.client := sources.budget sources.keys sources.sending
imports.sources.difference :=
imports.sources.fetch := parameters paths raw sources.arrival sources.bea sources.bea_fetch sources.census \
    sources.census_panel sources.census_tables sources.client sources.keys sources.partitions sources.records \
    sources.refusal sources.sending sources.vintages
imports.sources.growth := clean.origin sources.ministry_tables
imports.sources.hwp := sources.refusal
imports.sources.hwpx := sources.kind sources.refusal
imports.sources.keys :=
imports.sources.kind := sources.refusal
imports.sources.ministry := clean.kexim clean.origin sources.hwpx sources.ministry_tables \
    sources.ministry_words sources.refusal
imports.sources.ministry_checks := clean.kexim clean.origin controls sources.growth sources.ministry \
    sources.ministry_tables sources.refusal
imports.sources.ministry_tables := sources.hwpx sources.ministry_words sources.refusal
imports.sources.ministry_words := clean.places sources.refusal
imports.sources.partitions :=
imports.sources.portal := clean.kexim raw sources.arrival sources.difference sources.kind sources.portal_checks \
    sources.portal_file sources.portal_layout sources.portal_words sources.records sources.refusal sources.vintages
imports.sources.portal_checks := clean.investment clean.kexim clean.origin raw revisions sources.refusal
imports.sources.portal_file := sources.kind sources.refusal
imports.sources.portal_layout := sources.portal_checks sources.portal_file sources.portal_words sources.refusal
imports.sources.portal_words := clean.places sources.ministry_words sources.refusal
imports.sources.preflight := claims claims_text paths raw sources.bea sources.census sources.census_panel \
    sources.census_tables sources.keys sources.partitions verdicts
imports.sources.records := clean.kexim raw sources.bea sources.census sources.census_tables
imports.sources.refusal :=
imports.sources.sending := sources.keys
imports.sources.totals := clean.investment clean.origin clean.trade corrections raw revisions schemas
imports.sources.vintages := raw
imports.sources.writing := paths sources.refusal
imports.split := corners moved
imports.stage := archive changes_page claims_pages downloads editions finish interactive moved pages parameters paths provenance render
imports.statutory := clean.measures
imports.statutory_text := baskets clean.measures rate_path
imports.study_imports := cars_effect imports_effect imports_panel parameters paths randomization selection tables tariffs
imports.study := break_checks breaks greenfield parameters paths tables
imports.study_synthetic := investment_checks investment_effect parameters paths selection synthetic tables
imports.style :=
imports.synthetic :=
imports.synthetic_checks := synthetic tariffs
imports.synthetic_text := charts.common investment_effect synthetic synthetic_checks
imports.tables := paths schemas
imports.tariff_products := clean.origin selection tariffs
imports.tariffs := selection
imports.tariffs_text := charts.common values
imports.threshold := markets tariffs
imports.tracker := clean.measures
imports.values := conditions paths tables
imports.verdicts := clean.origin
imports.verify := cells paths raw sources.writing
imports.vintages := corners moved paths

# Not part of any notebook, page or table: environment, why.

# ---- From here on nothing needs changing when a notebook, figure or module is added ------------

# Modules and all they import, as files. korus/a/b.py is `a.b`, and comes with korus/a/__init__.py.
reached = $(sort $(foreach m,$(1),$(m) $(call reached,$(imports.$(m)))))
files = $(sort $(wildcard $(foreach m,$(subst .,/,$(call reached,$(1))),\
    korus/$(m).py korus/$(m)/__init__.py $(dir korus/$(m))__init__.py)))
figure_files = $(foreach f,$(1),$(addprefix results/figures/$(f).,svg png vl.json csv md))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
FORCE:

ifeq ($(wildcard params/$(PROFILE).yml),)
$(error PROFILE=$(PROFILE): there is no params/$(PROFILE).yml. Profiles: \
    $(sort $(basename $(notdir $(wildcard params/*.yml)))))
endif

# A notebook's stamp is as old as its last good run; its outputs keep their own age when a run did
# not change them, so what reads them stays as it is. A missing output runs the notebook.
# LOOK does nothing, after which make looks at the output's age; with `+` in a dry run as well.
LOOK := $(if $(SUPPOSE_CHANGED),@:,+@:)
define notebook_rules
$(1).inputs := $$(foreach r,$$($(1).raw),$$(wildcard data/raw/$$(r) data/raw/$$(r)/*.csv)) \
    $$(addprefix $$(PROCESSED)/,$$($(1).reads))
$(1).files := $$(call files,run $$($(1).modules))
$(1).outputs := $$(addprefix $$(PROCESSED)/,$$($(1).writes) $$(call figure_files,$$($(1).figures)))
$(1).made := $$($(1).outputs) $$(CHAPTERS)/$(1).ipynb $$(PROCESSED)/runs/$(1).json

$$(STATE)/done/$(1): notebooks/$(1).ipynb $$($(1).inputs) $$($(1).files) requirements.lock \
    $$(if $$($(1).parameters),params/$$(PROFILE).yml) \
    $$(if $$(filter-out $$(wildcard $$($(1).made)),$$($(1).made)),FORCE) \
    | $$(VENV)/korus-ready $$(STATE)/parameters-checked _build/raw-verified
	@KORUS_MAKE=$$$$PPID $$(PY) -m korus.run $(1) --profile $$(PROFILE) \
	    --inputs $$(filter %.csv %.parquet %.json,$$($(1).inputs)) \
	    --modules $$($(1).files) --outputs $$($(1).outputs)

$$($(1).made): $$(STATE)/done/$(1) ; $$(LOOK)
endef
$(foreach n,$(NOTEBOOKS),$(eval $(call notebook_rules,$(n))))

MADE := $(foreach n,$(NOTEBOOKS),$($(n).made))

# ---- Environment and raw figures ---------------------------------------------------------------

$(VENV)/korus-ready: requirements.lock
	@$(PYTHON) korus/environment.py

RAW := $(shell find data/raw -not -name '* *' 2>/dev/null)
$(RAW): ;

_build/raw-verified: $(RAW) $(call files,verify) | $(VENV)/korus-ready
	@$(PY) -m korus.verify
	@mkdir -p _build && touch $@

$(STATE)/parameters-checked: params/$(PROFILE).yml $(call files,parameters) \
    $(wildcard data/raw/reference/countries.csv) | $(VENV)/korus-ready
	@$(PY) -m korus.parameters $(PROFILE)
	@mkdir -p $(@D) && touch $@

# ---- Values, pages -----------------------------------------------------------------------------

VALUES := $(PROCESSED)/results/values.csv
VALUE_PARTS := $(filter $(PROCESSED)/results/values/%.csv,$(MADE))

$(STATE)/done/values: $(VALUE_PARTS) $(call files,values) $(if $(wildcard $(VALUES)),,FORCE)
	@mkdir -p $(STATE)/done && touch $(STATE)/values-begun
	@KORUS_MAKE=$$PPID $(PY) -m korus.lock $(PROFILE)
	@$(PY) -m korus.values merge $(VALUE_PARTS) --profile $(PROFILE)
	@touch -r $(STATE)/values-begun $@
$(VALUES): $(STATE)/done/values ; $(LOOK)

ESTIMATE_PARTS := $(filter $(PROCESSED)/results/estimates/%.csv,$(MADE))
ifneq ($(ESTIMATE_PARTS),)
ESTIMATES := $(PROCESSED)/results/estimates.csv
endif

$(STATE)/done/estimates: $(ESTIMATE_PARTS) $(call files,estimates) $(if $(wildcard $(ESTIMATES)),,FORCE)
	@mkdir -p $(STATE)/done && touch $(STATE)/estimates-begun
	@KORUS_MAKE=$$PPID $(PY) -m korus.lock $(PROFILE)
	@$(PY) -m korus.estimates merge $(ESTIMATE_PARTS) --profile $(PROFILE)
	@touch -r $(STATE)/estimates-begun $@
$(ESTIMATES): $(STATE)/done/estimates ; $(LOOK)

# Commit shown in the footer, with `-dirty` where files differ from it; `unknown` outside git.
COMMIT := $(shell git status --porcelain=v2 --branch 2>/dev/null | awk \
    '/^\# branch.oid/ {c = $$3; next} !/^\#/ {d = "-dirty"} END {print (c ~ /^[0-9a-f]+$$/) ? c d : "unknown"}')
$(STATE)/commit.txt: $(if $(filter x$(COMMIT),x$(shell cat $(STATE)/commit.txt 2>/dev/null)),,FORCE)
	@mkdir -p $(@D) && echo '$(COMMIT)' > $@.new && mv $@.new $@

BOOK := $(shell find book _config.yml \( -path book/chapters -o -path book/pdf \) -prune -o -type f -not -name '* *' -print 2>/dev/null)
$(BOOK): ;

# What is frozen, and the name of what is being frozen.
EDITIONS := $(wildcard CITATION.cff editions/*/*)

$(HTML): $(MADE) $(VALUES) $(ESTIMATES) $(BOOK) $(EDITIONS) $(STATE)/commit.txt $(call files,stage book_extension) requirements.lock \
    params/$(PROFILE).yml params/baseline.yml \
    $(wildcard $(addprefix data/raw/,datapackage.json sources.csv corrections.csv)) | $(VENV)/korus-ready
	@mkdir -p $(STATE) && touch $(STATE)/html-begun
	@KORUS_MAKE=$$PPID $(PY) -m korus.lock $(PROFILE)
	@$(PY) -m korus.stage --profile $(PROFILE)
	@touch -r $(STATE)/html-begun $@

# The PDF is set from the very pages above.
PRINT := $(wildcard book/pdf/*)
$(PDF): $(HTML) $(call files,pdf) $(PRINT) | $(VENV)/korus-ready
	@touch $(STATE)/pdf-begun
	@KORUS_MAKE=$$PPID $(PY) -m korus.lock $(PROFILE)
	@$(PY) -m korus.pdf --profile $(PROFILE)
	@touch -r $(STATE)/pdf-begun $@

# ---- Commands ----------------------------------------------------------------------------------
# A command starts a make of its own (two jobs, unless you said -j), so that what failed can be
# said last, after everything that was still running. The `+` hands it the caller's -j.

JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j2)
define build
+@mkdir -p _build; said=$(CURDIR)/_build/failures.$$$$; \
trap 'rm -f "$$said"' EXIT; \
KORUS_FAILURES="$$said" $(MAKE) --no-print-directory $(JOBS) $(1) || { \
    status=$$?; test ! -s "$$said" || { echo; cat "$$said"; } >&2; exit $$status; }
endef

.PHONY: all html pdf chain check test why accept add fetch preflight bench lock edition verify changes site study clean distclean help graph FORCE
.PHONY: do-all do-html do-chain do-test
do-all: $(HTML) $(PDF) ; @:
do-html: $(HTML) ; @:
do-chain: $(MADE) $(VALUES) $(ESTIMATES) ; @:

all: ## build the report: environment, chain, pages, PDF
	$(call build,do-all)
	@echo "The report is in $(HTML) and $(PDF)"

html: ## the pages only, with what they need
	$(call build,do-html)
	@echo "The report is in $(HTML)"

pdf: ## the PDF, with what it needs
	$(call build,do-all)
	@echo "The report is in $(PDF)"

chain: ## run the notebooks only
	$(call build,do-chain)

check: $(VENV)/korus-ready ## raw figures, schemas, control totals, prose; runs no notebook
	@$(PY) -m korus.check --profile $(PROFILE)

test: ## every test, over the built report
	$(call build,do-test)
do-test: do-all
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u KORUS_FAILURES -u PROFILE \
	    PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC \
	    $(PY) -m pytest -n 2 --dist loadfile --nbval --nbval-current-env \
	    --nbval-sanitize-with tests/nbval-sanitize.cfg \
	    tests $(NOTEBOOKS:%=$(CHAPTERS)/%.ipynb)

why: ## what `make` would run now, and because of which file
	@{ $(MAKE) -n --trace --no-print-directory -j1 do-all; \
	   echo "-- supposing that every output changes"; \
	   $(MAKE) -n --trace --no-print-directory -j1 SUPPOSE_CHANGED=yes do-all; } 2>&1 \
	 | $(PYTHON) -m korus.why

accept: $(VENV)/korus-ready ## FILE=data/raw/…: record an intended change of a raw file
	@test -n "$(FILE)" || { echo "say which: make accept FILE=data/raw/…" >&2; exit 2; }
	@$(PY) -m korus.accept "$(FILE)"

# What an export of Eximbank's portal does not say itself.
EXPORT_IS = $(if $(UNIT), --unit "$(UNIT)")$(if $(MEASURE), --measure "$(MEASURE)")$(if $(DAY), --day "$(DAY)")
add: $(VENV)/korus-ready ## FILE=… [YES=1] [ADDRESS=…] [UNIT=… MEASURE=… DAY=…]: new figures from a ministry release (HWPX) or a portal export (xlsx, csv)
	@test -n "$(FILE)" || { echo "say which: make add FILE=release.hwpx" >&2; exit 2; }
	@$(PY) -m korus.sources.add $(if $(filter 1 yes,$(YES)),--yes) $(if $(ADDRESS),--address "$(ADDRESS)")$(EXPORT_IS) -- "$(FILE)"

fetch: $(VENV)/korus-ready ## SOURCE=bea|census: new figures from an official service, offered to data/raw
	@test -n "$(SOURCE)" || { echo "say which: make fetch SOURCE=bea, or SOURCE=census" >&2; exit 2; }
	@$(PY) -m korus.sources.fetch "$(SOURCE)" $(if $(LEVELS),--levels "$(LEVELS)") $(if $(FIRST),--first "$(FIRST)") \
	    $(if $(LAST),--last "$(LAST)") $(if $(AGAIN),--again "$(AGAIN)") \
	    $(if $(filter 1 yes,$(YES)),--yes)

preflight: $(VENV)/korus-ready ## what can be refreshed here, and what each missing key or document would unlock
	@$(PY) -m korus.sources.preflight

bench: ## the benchmark table of the README
	$(call build,do-all)
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(PY) -m korus.bench

edition: $(VENV)/korus-ready ## VERSION=2026.11: freeze the report as an edition, with what moved since the last and why
	@test -n "$(VERSION)" || { echo "say which: make edition VERSION=2026.11" >&2; exit 2; }
	@$(PY) -m korus.freeze "$(VERSION)"

verify: $(VENV)/korus-ready ## rebuild the last edition (or VERSION=…) in a fresh clone and compare every byte
	@$(PY) -m korus.rebuilt $(VERSION)

site: $(VENV)/korus-ready ## all editions side by side in _build/site, for any static host
	@$(PY) -m korus.site

changes: ## FROM=2026.11 [TO=2026.12]: what moved from an edition to the working tree or another, and why
	$(call build,do-chain)
	@$(PY) -m korus.changes $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")

study: ## simulations behind the intervals, kept in book/study-*.csv (minutes)
	$(call build,do-chain)
	@$(PY) -m korus.study breaks book/study-breaks.csv
	@$(PY) -m korus.study_imports book/study-imports.csv
	@$(PY) -m korus.study_synthetic book/study-synthetic.csv
	@$(PY) -m korus.vintages

lock: $(VENV)/korus-ready ## for maintainers: resolve pyproject.toml into requirements.lock anew
	@$(VENV)/bin/uv pip compile pyproject.toml --group test --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade --quiet \
	    --custom-compile-command "make lock" --output-file requirements.lock

graph: # the declarations above, one a line, for other programs
	@: $(foreach n,$(NOTEBOOKS),$(foreach k,raw reads parameters modules writes figures files,\
	    $(info $(n) $(k) $($(n).$(k)))))
	@: $(foreach v,$(sort $(filter imports.%,$(.VARIABLES))),$(info $(v) imports $($(v))))

clean: ## remove everything built (not the environment)
	@rm -rf _build data/processed book/chapters

distclean: clean ## and the environment
	@rm -rf $(VENV)

help:
	@awk -F ':|## ' '/^[a-z].*## / {printf "make %-10s %s\n", $$1, $$NF}' Makefile
	@echo "PROFILE=name builds a variant: $(sort $(basename $(notdir $(wildcard params/*.yml))))"
