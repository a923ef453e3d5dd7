/* Writing a rollout policy: owns the one form that a policy has in a plan file. Reads nothing and resolves no
 * secret. Pure; any thread. */
#include "base/duration.h"
#include "base/yaml_out.h"
#include "inventory/rollout_internal.h"

#include <string.h>

const char *const TARGET_ORDER_WORDS[] = {"inventory", "name", "size", NULL};

const char *on_failure_name(OnFailure on_failure)
{
    static const char *const NAMES[] = {[FAILURE_HALT] = "halt",
                                        [FAILURE_ROLLBACK_WAVE] = "rollback-wave",
                                        [FAILURE_ROLLBACK_RUN] = "rollback-run"};
    return NAMES[on_failure];
}

char *rollout_order_text(const RolloutPolicy *self)
{
    return self->order == ORDER_SHUFFLE ? g_strdup_printf("shuffle(%u)", self->shuffle_seed)
                                        : g_strdup(TARGET_ORDER_WORDS[self->order]);
}

/* ---- Members of flow mappings ---- */

static void add_duration(GString *out, const char *key, gint64 milliseconds, gint64 usual)
{
    if (milliseconds == usual)
        return;
    g_autofree char *text = duration_spell(milliseconds);
    g_string_append_printf(out, ", %s: %s", key, text);
}

static void add_command(GString *out, char *const *command)
{
    if (command == NULL)
        return;
    g_string_append(out, ", exec: ");
    yaml_out_list(out, command);
}

/* Headers are kept as lines; a header's name has no colon (RFC 9110, 5.1). */
static void add_headers(GString *out, char *const *headers)
{
    if (headers == NULL)
        return;
    g_string_append(out, ", headers: {");
    for (char *const *header = headers; *header != NULL; header++) {
        const char *colon = strchr(*header, ':');
        g_autofree char *name = g_strndup(*header, (gsize)(colon - *header));
        g_string_append(out, header == headers ? "" : ", ");
        yaml_out_text(out, name);
        g_string_append(out, ": ");
        yaml_out_text(out, colon + strlen(": "));
    }
    g_string_append_c(out, '}');
}

/* ---- Gates and waves ---- */

/* A flow mapping whose members all begin with ", ": the first one's is cut. */
static void add_mapping(GString *out, const GString *members)
{
    g_string_append_printf(out, "{%s}", members->len > 0 ? members->str + strlen(", ") : "");
}

static void add_gate(GString *out, const GateSpec *gate, bool throttle)
{
    g_autoptr(GString) members = g_string_new(NULL);
    g_autofree char *usual = gate_spec_default_name(gate);
    if (!g_str_equal(gate->name, usual))
        yaml_out_member(members, "name", gate->name);
    yaml_out_member(members, "sql", gate->sql);
    yaml_out_member(members, gate->kind == GATE_HTTP ? "http" : "url", gate->url);
    add_command(members, gate->command);
    add_headers(members, gate->headers);
    add_duration(members, "timeout", gate->timeout_ms, GATE_TIMEOUT_MS);
    if (gate->attempts != 1)
        g_string_append_printf(members, ", attempts: %u", gate->attempts);
    add_duration(members, "retry_wait", gate->retry_wait_ms, GATE_WAIT_MS);
    if (throttle)
        add_duration(members, "every", gate->every_ms, GATE_WAIT_MS);
    add_mapping(out, members);
}

static void add_gates(GString *members, const GPtrArray *gates)
{
    if (gates == NULL)
        return;
    g_string_append(members, ", gates: [");
    for (guint i = 0; i < gates->len; i++) {
        g_string_append(members, i > 0 ? ", " : "");
        add_gate(members, gates->pdata[i], false);
    }
    g_string_append_c(members, ']');
}

/* No exponent: a share is read as digits. Caller frees. */
static char *share_text(double share)
{
    char buffer[64];
    g_ascii_formatd(buffer, sizeof buffer, "%.12f", share);
    char *end = buffer + strlen(buffer);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
    return g_strconcat(buffer, "%", NULL);
}

static char *wave_targets(const WaveSpec *wave)
{
    switch (wave->kind) {
    case WAVE_SELECTOR:
        return g_strdup(wave->selector);
    case WAVE_COUNT:
        return g_strdup_printf("%u", wave->count);
    case WAVE_SHARE:
        return share_text(wave->share);
    case WAVE_REST:
        return g_strdup("rest");
    }
    g_assert_not_reached();
}

static void add_wave(GString *out, const WaveSpec *wave)
{
    g_autoptr(GString) members = g_string_new(NULL);
    g_autofree char *targets = wave_targets(wave);
    yaml_out_member(members, "name", wave->name);
    yaml_out_member(members, "targets", targets);
    yaml_out_member(members, "max_failures", wave->max_failures);
    yaml_out_member(members, "max_unreachable", wave->max_unreachable);
    add_duration(members, "soak", wave->soak_ms, -1);
    if (wave->confirm >= 0)
        g_string_append_printf(members, ", confirm: %s", wave->confirm ? "true" : "false");
    add_gates(members, wave->gates);
    add_mapping(out, members);
}

/* ---- The policy ---- */

typedef struct PolicyWriter {
    GString *out;
    const char *indent;
} PolicyWriter;

static void put_number(const PolicyWriter *self, const char *key, unsigned value)
{
    if (value > 0)
        g_string_append_printf(self->out, "%s%s: %u\n", self->indent, key, value);
}

static void put_text(const PolicyWriter *self, const char *key, const char *value)
{
    if (value == NULL)
        return;
    g_string_append_printf(self->out, "%s%s: ", self->indent, key);
    yaml_out_text(self->out, value);
    g_string_append_c(self->out, '\n');
}

static void put_duration(const PolicyWriter *self, const char *key, gint64 milliseconds)
{
    g_autofree char *text = duration_spell(milliseconds);
    if (milliseconds > 0)
        g_string_append_printf(self->out, "%s%s: %s\n", self->indent, key, text);
}

static void put_flag(const PolicyWriter *self, const char *key, bool value)
{
    if (value)
        g_string_append_printf(self->out, "%s%s: true\n", self->indent, key);
}

static void put_item(const PolicyWriter *self)
{
    g_string_append_printf(self->out, "%s  - ", self->indent);
}

static void put_gates(const PolicyWriter *self, const char *key, const GPtrArray *gates, bool throttle)
{
    if (gates == NULL || gates->len == 0)
        return;
    g_string_append_printf(self->out, "%s%s:\n", self->indent, key);
    for (guint i = 0; i < gates->len; i++) {
        put_item(self);
        add_gate(self->out, gates->pdata[i], throttle);
        g_string_append_c(self->out, '\n');
    }
}

static void put_waves(const PolicyWriter *self, const GPtrArray *waves)
{
    if (waves == NULL)
        return;
    g_string_append_printf(self->out, "%swaves:\n", self->indent);
    for (guint i = 0; i < waves->len; i++) {
        put_item(self);
        add_wave(self->out, waves->pdata[i]);
        g_string_append_c(self->out, '\n');
    }
}

void rollout_policy_yaml(const RolloutPolicy *self, const char *indent, GString *out)
{
    const PolicyWriter writer = {out, indent};
    g_autofree char *order = self->order != ORDER_INVENTORY ? rollout_order_text(self) : NULL;
    put_number(&writer, "jobs", self->jobs);
    put_number(&writer, "per_host", self->per_host);
    put_text(&writer, "max_failures", self->max_failures);
    put_text(&writer, "max_unreachable", self->max_unreachable);
    put_text(&writer, "on_halt", self->on_halt);
    put_flag(&writer, "require_no_drift", self->require_no_drift);
    put_waves(&writer, self->waves);
    put_text(&writer, "order", order);
    put_duration(&writer, "soak", self->soak_ms);
    put_flag(&writer, "confirm", self->confirm);
    put_gates(&writer, "gates", self->gates, false);
    put_gates(&writer, "throttle", self->throttles, true);
    put_text(&writer, "halt_on", self->halt_on_new_error ? "new-error" : NULL);
    if (self->on_failure != FAILURE_HALT)
        put_text(&writer, "on_failure", on_failure_name(self->on_failure));
    put_text(&writer, "stop_starting_at", self->stop_starting_at);
}
