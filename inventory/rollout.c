/* Rollout policy: owns its values from birth to end. Reading is rollout_read.c's. */
#include "inventory/rollout.h"

#include "base/duration.h"

#include <string.h>

const char *gate_kind_name(GateKind kind)
{
    static const char *const NAMES[] = {[GATE_SQL] = "sql", [GATE_HTTP] = "http", [GATE_EXEC] = "exec"};
    return NAMES[kind];
}

void gate_spec_free(GateSpec *self)
{
    if (self == NULL)
        return;
    g_free(self->name);
    g_free(self->sql);
    g_free(self->url);
    g_strfreev(self->headers);
    g_strfreev(self->command);
    g_free(self);
}

GateSpec *gate_spec_copy(const GateSpec *source)
{
    GateSpec *self = g_memdup2(source, sizeof *source);
    self->name = g_strdup(source->name);
    self->sql = g_strdup(source->sql);
    self->url = g_strdup(source->url);
    self->headers = g_strdupv(source->headers);
    self->command = g_strdupv(source->command);
    return self;
}

static gpointer gate_copy(gconstpointer source, gpointer unused)
{
    (void)unused;
    return gate_spec_copy(source);
}

static GPtrArray *gates_copy(GPtrArray *source)
{
    if (source == NULL)
        return NULL;
    GPtrArray *self = g_ptr_array_copy(source, (GCopyFunc)gate_copy, NULL);
    g_ptr_array_set_free_func(self, (GDestroyNotify)gate_spec_free);
    return self;
}

void wave_spec_free(WaveSpec *self)
{
    if (self == NULL)
        return;
    g_free(self->name);
    g_free(self->selector);
    g_free(self->max_failures);
    g_free(self->max_unreachable);
    g_clear_pointer(&self->gates, g_ptr_array_unref);
    g_free(self);
}

static gpointer wave_copy(gconstpointer data, gpointer unused)
{
    (void)unused;
    const WaveSpec *source = data;
    WaveSpec *self = g_memdup2(source, sizeof *source);
    self->name = g_strdup(source->name);
    self->selector = g_strdup(source->selector);
    self->max_failures = g_strdup(source->max_failures);
    self->max_unreachable = g_strdup(source->max_unreachable);
    self->gates = gates_copy(source->gates);
    return self;
}

void rollout_policy_init(RolloutPolicy *self)
{
    *self = (RolloutPolicy){0};
}

void rollout_policy_drop_waves(RolloutPolicy *self)
{
    g_clear_pointer(&self->waves, g_ptr_array_unref);
    g_clear_pointer(&self->gates, g_ptr_array_unref);
    self->soak_ms = 0;
    self->confirm = self->halt_on_new_error = false;
}

void rollout_policy_clear(RolloutPolicy *self)
{
    g_free(self->max_failures);
    g_free(self->max_unreachable);
    g_free(self->on_halt);
    g_clear_pointer(&self->waves, g_ptr_array_unref);
    g_clear_pointer(&self->gates, g_ptr_array_unref);
    g_clear_pointer(&self->throttles, g_ptr_array_unref);
    g_free(self->stop_starting_at);
    g_free(self->allowed_signers);
    rollout_policy_init(self);
}

void rollout_policy_copy(RolloutPolicy *self, const RolloutPolicy *source)
{
    *self = *source;
    self->max_failures = g_strdup(source->max_failures);
    self->max_unreachable = g_strdup(source->max_unreachable);
    self->on_halt = g_strdup(source->on_halt);
    if (source->waves != NULL) {
        self->waves = g_ptr_array_copy(source->waves, (GCopyFunc)wave_copy, NULL);
        g_ptr_array_set_free_func(self->waves, (GDestroyNotify)wave_spec_free);
    }
    self->gates = gates_copy(source->gates);
    self->throttles = gates_copy(source->throttles);
    self->stop_starting_at = g_strdup(source->stop_starting_at);
    self->allowed_signers = g_strdup(source->allowed_signers);
}

/* "04:30". */
static bool is_time_of_day(const char *text)
{
    return strlen(text) == 5 && g_ascii_isdigit(text[0]) && g_ascii_isdigit(text[1]) && text[2] == ':' &&
           g_ascii_isdigit(text[3]) && g_ascii_isdigit(text[4]) && memcmp(text, "23", 2) <= 0 &&
           text[3] <= '5';
}

bool rollout_time_check(const char *text)
{
    gint64 value;
    return is_time_of_day(text) || duration_parse(text, &value) || timestamp_parse(text, &value);
}

/* The next time that clocks here show this. */
static bool next_time_of_day(const char *text, gint64 from_us, gint64 *time_us)
{
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    g_autoptr(GDateTime) from = g_date_time_new_from_unix_local(from_us / G_USEC_PER_SEC);
    for (int days = 0; from != NULL && days < 3; days++) {
        g_autoptr(GDateTime) day = g_date_time_add_days(from, days);
        g_autoptr(GDateTime) time =
            g_date_time_new_local(g_date_time_get_year(day), g_date_time_get_month(day),
                                  g_date_time_get_day_of_month(day), hour, minute, 0);
        *time_us = time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC : 0;
        if (*time_us > from_us)
            return true;
    }
    return false;
}

bool rollout_time_resolve(const char *text, gint64 from_us, gint64 *time_us)
{
    gint64 milliseconds;
    if (is_time_of_day(text))
        return next_time_of_day(text, from_us, time_us);
    if (!duration_parse(text, &milliseconds))
        return timestamp_parse(text, time_us);
    *time_us = from_us + milliseconds * 1000;
    return true;
}
