// C23 #embed, which clang takes in every mode; SwiftPM compiles anew when a file changes. One entry for each .py file of
// bootstrap, probe and worker, in the order of their names; a test compares this list with the folder.
#include "python_probe.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bootstrap[] = {
#embed "../PythonProbe/bootstrap.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_init[] = {
#embed "../PythonProbe/loopwarden_probe/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_main[] = {
#embed "../PythonProbe/loopwarden_probe/__main__.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_alive[] = {
#embed "../PythonProbe/loopwarden_probe/alive.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_audit[] = {
#embed "../PythonProbe/loopwarden_probe/audit.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_decode[] = {
#embed "../PythonProbe/loopwarden_probe/decode.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_facts[] = {
#embed "../PythonProbe/loopwarden_probe/facts.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_init[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_abandoning[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/abandoning.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_advising[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/advising.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_asking[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/asking.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_base[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/base.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_children[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/children.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_closing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/closing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_complaining[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/complaining.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_creation[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/creation.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_crossing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/crossing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_deprecated[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/deprecated.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_descriptors[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/descriptors.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_escaping[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/escaping.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_executing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/executing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_expected[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/expected.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_finalizing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/finalizing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_freezing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/freezing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_lacking[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/lacking.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_leaving[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/leaving.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_loopless[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/loopless.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_making[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/making.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_managing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/managing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_mentioning[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/mentioning.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_nest[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/nest.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_nesting[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/nesting.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_owning[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/owning.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_raising[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/raising.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_refusing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/refusing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_reusing[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/reusing.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_running[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/running.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_shutdown[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/shutdown.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_signals[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/signals.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_slot[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/slot.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_stopping[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/stopping.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_telling[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/telling.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_threads[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/threads.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_transporting[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/transporting.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_unawaited[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/unawaited.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_unclosed[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/unclosed.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_using[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/using.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_waiting[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/waiting.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_windows[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/windows.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_hooks_wrong_loop[] = {
#embed "../PythonProbe/loopwarden_probe/hooks/wrong_loop.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_injecting[] = {
#embed "../PythonProbe/loopwarden_probe/injecting.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_journal[] = {
#embed "../PythonProbe/loopwarden_probe/journal.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_lazy[] = {
#embed "../PythonProbe/loopwarden_probe/lazy.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_loops[] = {
#embed "../PythonProbe/loopwarden_probe/loops.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_patches[] = {
#embed "../PythonProbe/loopwarden_probe/patches.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_polling[] = {
#embed "../PythonProbe/loopwarden_probe/polling.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_probe[] = {
#embed "../PythonProbe/loopwarden_probe/probe.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_pytest_plugin[] = {
#embed "../PythonProbe/loopwarden_probe/pytest_plugin.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_sites[] = {
#embed "../PythonProbe/loopwarden_probe/sites.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_suite[] = {
#embed "../PythonProbe/loopwarden_probe/suite.py" suffix(, ) if_empty()
    0};
static const unsigned char probe_tasks[] = {
#embed "../PythonProbe/loopwarden_probe/tasks.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_init[] = {
#embed "../PythonProbe/loopwarden_worker/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_answering[] = {
#embed "../PythonProbe/loopwarden_worker/answering.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_channel[] = {
#embed "../PythonProbe/loopwarden_worker/channel.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_clocks[] = {
#embed "../PythonProbe/loopwarden_worker/clocks.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_context[] = {
#embed "../PythonProbe/loopwarden_worker/context.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_faults[] = {
#embed "../PythonProbe/loopwarden_worker/faults.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_forking[] = {
#embed "../PythonProbe/loopwarden_worker/forking.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_init[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_apps[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/apps.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_asgi[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/asgi.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_base[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/base.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_functions[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/functions.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_http_events[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/http_events.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_lifespan[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/lifespan.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_logged_errors[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/logged_errors.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_notebook[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/notebook.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_tests[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/tests.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_handlers_wsgi[] = {
#embed "../PythonProbe/loopwarden_worker/handlers/wsgi.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_init[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_bare[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/bare.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_base[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/base.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_kept[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/kept.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_mangum[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/mangum.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_per_invocation[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/per_invocation.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_running[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/running.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_server[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/server.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_hosts_thread[] = {
#embed "../PythonProbe/loopwarden_worker/hosts/thread.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_imports[] = {
#embed "../PythonProbe/loopwarden_worker/imports.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_log_records[] = {
#embed "../PythonProbe/loopwarden_worker/log_records.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_marshalling[] = {
#embed "../PythonProbe/loopwarden_worker/marshalling.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_named_tuples[] = {
#embed "../PythonProbe/loopwarden_worker/named_tuples.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_plain[] = {
#embed "../PythonProbe/loopwarden_worker/plain.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_rehearsing[] = {
#embed "../PythonProbe/loopwarden_worker/rehearsing.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_request_log[] = {
#embed "../PythonProbe/loopwarden_worker/request_log.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_ric_init[] = {
#embed "../PythonProbe/loopwarden_worker/ric/__init__.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_ric_bootstrap[] = {
#embed "../PythonProbe/loopwarden_worker/ric/bootstrap.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_ric_observer[] = {
#embed "../PythonProbe/loopwarden_worker/ric/observer.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_sample_app[] = {
#embed "../PythonProbe/loopwarden_worker/sample/app.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_scouting[] = {
#embed "../PythonProbe/loopwarden_worker/scouting.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_worker[] = {
#embed "../PythonProbe/loopwarden_worker/worker.py" suffix(, ) if_empty()
    0};
static const unsigned char worker_zygote[] = {
#embed "../PythonProbe/loopwarden_worker/zygote.py" suffix(, ) if_empty()
    0};

// Each array has one byte more than its file, because C has no empty arrays.
#define FILE_ENTRY(name, array) {name, array, sizeof array - 1}

static const struct python_probe_file files[] = {
    FILE_ENTRY("bootstrap.py", bootstrap),
    FILE_ENTRY("loopwarden_probe/__init__.py", probe_init),
    FILE_ENTRY("loopwarden_probe/__main__.py", probe_main),
    FILE_ENTRY("loopwarden_probe/alive.py", probe_alive),
    FILE_ENTRY("loopwarden_probe/audit.py", probe_audit),
    FILE_ENTRY("loopwarden_probe/decode.py", probe_decode),
    FILE_ENTRY("loopwarden_probe/facts.py", probe_facts),
    FILE_ENTRY("loopwarden_probe/hooks/__init__.py", probe_hooks_init),
    FILE_ENTRY("loopwarden_probe/hooks/abandoning.py", probe_hooks_abandoning),
    FILE_ENTRY("loopwarden_probe/hooks/advising.py", probe_hooks_advising),
    FILE_ENTRY("loopwarden_probe/hooks/asking.py", probe_hooks_asking),
    FILE_ENTRY("loopwarden_probe/hooks/base.py", probe_hooks_base),
    FILE_ENTRY("loopwarden_probe/hooks/children.py", probe_hooks_children),
    FILE_ENTRY("loopwarden_probe/hooks/closing.py", probe_hooks_closing),
    FILE_ENTRY("loopwarden_probe/hooks/complaining.py", probe_hooks_complaining),
    FILE_ENTRY("loopwarden_probe/hooks/creation.py", probe_hooks_creation),
    FILE_ENTRY("loopwarden_probe/hooks/crossing.py", probe_hooks_crossing),
    FILE_ENTRY("loopwarden_probe/hooks/deprecated.py", probe_hooks_deprecated),
    FILE_ENTRY("loopwarden_probe/hooks/descriptors.py", probe_hooks_descriptors),
    FILE_ENTRY("loopwarden_probe/hooks/escaping.py", probe_hooks_escaping),
    FILE_ENTRY("loopwarden_probe/hooks/executing.py", probe_hooks_executing),
    FILE_ENTRY("loopwarden_probe/hooks/expected.py", probe_hooks_expected),
    FILE_ENTRY("loopwarden_probe/hooks/finalizing.py", probe_hooks_finalizing),
    FILE_ENTRY("loopwarden_probe/hooks/freezing.py", probe_hooks_freezing),
    FILE_ENTRY("loopwarden_probe/hooks/lacking.py", probe_hooks_lacking),
    FILE_ENTRY("loopwarden_probe/hooks/leaving.py", probe_hooks_leaving),
    FILE_ENTRY("loopwarden_probe/hooks/loopless.py", probe_hooks_loopless),
    FILE_ENTRY("loopwarden_probe/hooks/making.py", probe_hooks_making),
    FILE_ENTRY("loopwarden_probe/hooks/managing.py", probe_hooks_managing),
    FILE_ENTRY("loopwarden_probe/hooks/mentioning.py", probe_hooks_mentioning),
    FILE_ENTRY("loopwarden_probe/hooks/nest.py", probe_hooks_nest),
    FILE_ENTRY("loopwarden_probe/hooks/nesting.py", probe_hooks_nesting),
    FILE_ENTRY("loopwarden_probe/hooks/owning.py", probe_hooks_owning),
    FILE_ENTRY("loopwarden_probe/hooks/raising.py", probe_hooks_raising),
    FILE_ENTRY("loopwarden_probe/hooks/refusing.py", probe_hooks_refusing),
    FILE_ENTRY("loopwarden_probe/hooks/reusing.py", probe_hooks_reusing),
    FILE_ENTRY("loopwarden_probe/hooks/running.py", probe_hooks_running),
    FILE_ENTRY("loopwarden_probe/hooks/shutdown.py", probe_hooks_shutdown),
    FILE_ENTRY("loopwarden_probe/hooks/signals.py", probe_hooks_signals),
    FILE_ENTRY("loopwarden_probe/hooks/slot.py", probe_hooks_slot),
    FILE_ENTRY("loopwarden_probe/hooks/stopping.py", probe_hooks_stopping),
    FILE_ENTRY("loopwarden_probe/hooks/telling.py", probe_hooks_telling),
    FILE_ENTRY("loopwarden_probe/hooks/threads.py", probe_hooks_threads),
    FILE_ENTRY("loopwarden_probe/hooks/transporting.py", probe_hooks_transporting),
    FILE_ENTRY("loopwarden_probe/hooks/unawaited.py", probe_hooks_unawaited),
    FILE_ENTRY("loopwarden_probe/hooks/unclosed.py", probe_hooks_unclosed),
    FILE_ENTRY("loopwarden_probe/hooks/using.py", probe_hooks_using),
    FILE_ENTRY("loopwarden_probe/hooks/waiting.py", probe_hooks_waiting),
    FILE_ENTRY("loopwarden_probe/hooks/windows.py", probe_hooks_windows),
    FILE_ENTRY("loopwarden_probe/hooks/wrong_loop.py", probe_hooks_wrong_loop),
    FILE_ENTRY("loopwarden_probe/injecting.py", probe_injecting),
    FILE_ENTRY("loopwarden_probe/journal.py", probe_journal),
    FILE_ENTRY("loopwarden_probe/lazy.py", probe_lazy),
    FILE_ENTRY("loopwarden_probe/loops.py", probe_loops),
    FILE_ENTRY("loopwarden_probe/patches.py", probe_patches),
    FILE_ENTRY("loopwarden_probe/polling.py", probe_polling),
    FILE_ENTRY("loopwarden_probe/probe.py", probe_probe),
    FILE_ENTRY("loopwarden_probe/pytest_plugin.py", probe_pytest_plugin),
    FILE_ENTRY("loopwarden_probe/sites.py", probe_sites),
    FILE_ENTRY("loopwarden_probe/suite.py", probe_suite),
    FILE_ENTRY("loopwarden_probe/tasks.py", probe_tasks),
    FILE_ENTRY("loopwarden_worker/__init__.py", worker_init),
    FILE_ENTRY("loopwarden_worker/answering.py", worker_answering),
    FILE_ENTRY("loopwarden_worker/channel.py", worker_channel),
    FILE_ENTRY("loopwarden_worker/clocks.py", worker_clocks),
    FILE_ENTRY("loopwarden_worker/context.py", worker_context),
    FILE_ENTRY("loopwarden_worker/faults.py", worker_faults),
    FILE_ENTRY("loopwarden_worker/forking.py", worker_forking),
    FILE_ENTRY("loopwarden_worker/handlers/__init__.py", worker_handlers_init),
    FILE_ENTRY("loopwarden_worker/handlers/apps.py", worker_handlers_apps),
    FILE_ENTRY("loopwarden_worker/handlers/asgi.py", worker_handlers_asgi),
    FILE_ENTRY("loopwarden_worker/handlers/base.py", worker_handlers_base),
    FILE_ENTRY("loopwarden_worker/handlers/functions.py", worker_handlers_functions),
    FILE_ENTRY("loopwarden_worker/handlers/http_events.py", worker_handlers_http_events),
    FILE_ENTRY("loopwarden_worker/handlers/lifespan.py", worker_handlers_lifespan),
    FILE_ENTRY("loopwarden_worker/handlers/logged_errors.py", worker_handlers_logged_errors),
    FILE_ENTRY("loopwarden_worker/handlers/notebook.py", worker_handlers_notebook),
    FILE_ENTRY("loopwarden_worker/handlers/tests.py", worker_handlers_tests),
    FILE_ENTRY("loopwarden_worker/handlers/wsgi.py", worker_handlers_wsgi),
    FILE_ENTRY("loopwarden_worker/hosts/__init__.py", worker_hosts_init),
    FILE_ENTRY("loopwarden_worker/hosts/bare.py", worker_hosts_bare),
    FILE_ENTRY("loopwarden_worker/hosts/base.py", worker_hosts_base),
    FILE_ENTRY("loopwarden_worker/hosts/kept.py", worker_hosts_kept),
    FILE_ENTRY("loopwarden_worker/hosts/mangum.py", worker_hosts_mangum),
    FILE_ENTRY("loopwarden_worker/hosts/per_invocation.py", worker_hosts_per_invocation),
    FILE_ENTRY("loopwarden_worker/hosts/running.py", worker_hosts_running),
    FILE_ENTRY("loopwarden_worker/hosts/server.py", worker_hosts_server),
    FILE_ENTRY("loopwarden_worker/hosts/thread.py", worker_hosts_thread),
    FILE_ENTRY("loopwarden_worker/imports.py", worker_imports),
    FILE_ENTRY("loopwarden_worker/log_records.py", worker_log_records),
    FILE_ENTRY("loopwarden_worker/marshalling.py", worker_marshalling),
    FILE_ENTRY("loopwarden_worker/named_tuples.py", worker_named_tuples),
    FILE_ENTRY("loopwarden_worker/plain.py", worker_plain),
    FILE_ENTRY("loopwarden_worker/rehearsing.py", worker_rehearsing),
    FILE_ENTRY("loopwarden_worker/request_log.py", worker_request_log),
    FILE_ENTRY("loopwarden_worker/ric/__init__.py", worker_ric_init),
    FILE_ENTRY("loopwarden_worker/ric/bootstrap.py", worker_ric_bootstrap),
    FILE_ENTRY("loopwarden_worker/ric/observer.py", worker_ric_observer),
    FILE_ENTRY("loopwarden_worker/sample/app.py", worker_sample_app),
    FILE_ENTRY("loopwarden_worker/scouting.py", worker_scouting),
    FILE_ENTRY("loopwarden_worker/worker.py", worker_worker),
    FILE_ENTRY("loopwarden_worker/zygote.py", worker_zygote),
};

size_t python_probe_file_count(void) { return sizeof files / sizeof files[0]; }

const struct python_probe_file *python_probe_file_at(size_t index) { return &files[index]; }
