/* Reading a rollout policy: owns the keys of `rollout:`, of a wave and of a gate or throttle. Refuses what it
 * cannot read, with the place, and goes on to find more. Resolves no secret. The loading thread. */
#include "inventory/fleet_internal.h"
#include "inventory/http_headers_internal.h"
#include "inventory/rollout_internal.h"

#include <string.h>

typedef struct RolloutReader {
    gpointer into; /* RolloutPolicy *, WaveSpec * or GateSpec *, as the table says */
    const char *folder;
    Diagnostics *problems;
} RolloutReader;

typedef struct RolloutKey RolloutKey;
struct RolloutKey {
    const char *name;
    void (*read)(const RolloutKey *self, const YamlNode *value, RolloutReader *reader);
    gsize offset; /* of the field, for readers of one */
    int value;    /* what a word stands for, for readers of one */
};

#define FIELD(type, key, reader) ((type *)(gpointer)((char *)(reader)->into + (key)->offset))

/* A policy outlives the document that it was read from. */
static SourcePlace lasting_place(const YamlNode *node)
{
    SourcePlace place = yaml_place(node);
    place.file = g_intern_string(place.file);
    return place;
}

/* ---- Values ---- */

static void set_text(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static const char *nonempty(const RolloutKey *self, const YamlNode *value, const RolloutReader *reader)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, reader->problems))
        return NULL;
    if (*text != '\0')
        return text;
    diagnostics_error(reader->problems, yaml_place(value), "%s is empty: leave the key out instead",
                      self->name);
    return NULL;
}

static void read_text(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    const char *text = nonempty(self, value, reader);
    if (text != NULL)
        set_text(FIELD(char *, self, reader), text);
}

static void read_path(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    const char *text = nonempty(self, value, reader);
    if (text == NULL)
        return;
    g_autofree char *path = g_canonicalize_filename(text, reader->folder);
    set_text(FIELD(char *, self, reader), path);
}

static void read_flag(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    yaml_as_bool(value, self->name, FIELD(bool, self, reader), reader->problems);
}

/* A flag that may be left to the level above. */
static void read_choice_flag(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    bool flag = false;
    if (yaml_as_bool(value, self->name, &flag, reader->problems))
        *FIELD(int, self, reader) = flag;
}

static void read_number(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    yaml_as_unsigned(value, self->name, 1, 100000, FIELD(unsigned, self, reader), reader->problems);
}

static void read_duration(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    yaml_as_duration(value, self->name, FIELD(gint64, self, reader), reader->problems);
}

/* A try that may take no time at all, or a question asked without a pause, is a mistake. */
static void read_interval(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    gint64 milliseconds = 0;
    if (!yaml_as_duration(value, self->name, &milliseconds, reader->problems))
        return;
    if (milliseconds >= 100)
        *FIELD(gint64, self, reader) = milliseconds;
    else
        diagnostics_error(reader->problems, yaml_place(value), "%s must be 100ms or more", self->name);
}

/* "5" or "2.5%"; *share is -1 for a count. */
static bool parse_count_or_share(const char *text, unsigned *count, double *share)
{
    gsize whole = strspn(text, G_CSET_DIGITS);
    const char *rest = text + whole;
    bool fraction = *rest == '.';
    if (whole == 0 || whole > 6)
        return false;
    if (fraction)
        rest += 1 + strspn(rest + 1, G_CSET_DIGITS);
    *share = *rest == '%' ? g_ascii_strtod(text, NULL) : -1;
    *count = (unsigned)g_ascii_strtoull(text, NULL, 10);
    if (*rest == '%')
        return rest[1] == '\0' && rest[-1] != '.' && *share <= 100.0;
    return *rest == '\0' && !fraction;
}

static void read_budget(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    unsigned count;
    double share;
    const char *text = nonempty(self, value, reader);
    if (text == NULL)
        return;
    if (parse_count_or_share(text, &count, &share))
        set_text(FIELD(char *, self, reader), text);
    else
        diagnostics_error(reader->problems, yaml_place(value),
                          "%s must be a count such as 5 or a share such as 2%%, not '%s'", self->name, text);
}

/* Index of the word in the list, or -1 with an error. */
static int read_word(const RolloutKey *self, const YamlNode *value, const char *const *words,
                     const char *sentence, const RolloutReader *reader)
{
    const char *text = nonempty(self, value, reader);
    if (text == NULL)
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (g_str_equal(words[i], text))
            return i;
    diagnostics_error(reader->problems, yaml_place(value), "%s must be %s, not '%s'", self->name, sentence,
                      text);
    return -1;
}

static void read_on_halt(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    static const char *const WORDS[] = {"step", "target", "cancel", NULL};
    int word = read_word(self, value, WORDS, "step, target or cancel", reader);
    if (word >= 0)
        set_text(FIELD(char *, self, reader), WORDS[word]);
}

static void read_halt_on(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    static const char *const WORDS[] = {"new-error", NULL};
    if (read_word(self, value, WORDS, "new-error", reader) == 0)
        *FIELD(bool, self, reader) = true;
}

static void read_on_failure(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    const char *const WORDS[] = {on_failure_name(FAILURE_HALT), on_failure_name(FAILURE_ROLLBACK_WAVE),
                                 on_failure_name(FAILURE_ROLLBACK_RUN), NULL};
    int word = read_word(self, value, WORDS, "halt, rollback-wave or rollback-run", reader);
    if (word >= 0)
        *FIELD(OnFailure, self, reader) = (OnFailure)word;
}

/* "shuffle(17)". */
static bool parse_shuffle(const char *text, guint32 *seed)
{
    g_autofree char *digits = NULL;
    guint64 value;
    if (!g_str_has_prefix(text, "shuffle(") || !g_str_has_suffix(text, ")"))
        return false;
    digits = g_strndup(text + strlen("shuffle("), strlen(text) - strlen("shuffle()"));
    if (!g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT32, &value, NULL))
        return false;
    *seed = (guint32)value;
    return true;
}

static void read_order(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    RolloutPolicy *policy = reader->into;
    const char *text = yaml_text(value);
    if (text != NULL && parse_shuffle(text, &policy->shuffle_seed)) {
        policy->order = ORDER_SHUFFLE;
        return;
    }
    int word = read_word(self, value, TARGET_ORDER_WORDS,
                         "inventory, name, size or shuffle(SEED) with a number", reader);
    if (word >= 0)
        policy->order = (TargetOrder)word;
}

static void read_stop_starting(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    const char *text = nonempty(self, value, reader);
    if (text == NULL)
        return;
    if (rollout_time_check(text))
        set_text(FIELD(char *, self, reader), text);
    else
        diagnostics_error(reader->problems, yaml_place(value),
                          "%s must be a time of day such as 04:30, a duration such as 3h, or a time such as "
                          "2026-11-22T04:30:00Z, not '%s'",
                          self->name, text);
}

/* ---- Tables ---- */

static const char **key_names(const RolloutKey *keys)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const RolloutKey *key = keys; key->name != NULL; key++)
        g_ptr_array_add(names, (gpointer)key->name);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void read_table(const RolloutKey *keys, const char *what, const YamlNode *node, RolloutReader *reader)
{
    g_autofree const char **known = key_names(keys);
    yaml_check_keys(node, what, known, reader->problems);
    for (const RolloutKey *key = keys; key->name != NULL; key++) {
        const YamlNode *value = yaml_get(node, key->name);
        if (value != NULL)
            key->read(key, value, reader);
    }
}

static bool is_mapping(const YamlNode *node, const char *what, const RolloutReader *reader)
{
    if (yaml_kind(node) == YAML_MAPPING)
        return true;
    diagnostics_error(reader->problems, yaml_place(node), "%s must be a mapping, not %s", what,
                      yaml_kind_name(yaml_kind(node)));
    return false;
}

/* ---- Gates ---- */

static void read_kind_text(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    GateSpec *gate = reader->into;
    read_text(self, value, reader);
    gate->kind = (GateKind)self->value;
    if (yaml_text(value) != NULL && gate->kind == GATE_HTTP)
        reference_check(yaml_text(value), value, self->name, reader->problems);
}

static void read_url(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    read_text(self, value, reader);
    if (yaml_text(value) != NULL)
        reference_check(yaml_text(value), value, self->name, reader->problems);
}

static void read_exec(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    GateSpec *gate = reader->into;
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    gate->kind = GATE_EXEC;
    if (yaml_kind(value) != YAML_SEQUENCE || yaml_length(value) == 0) {
        diagnostics_error(reader->problems, yaml_place(value),
                          "%s must be a list: the program and its arguments, as [./check, --deep]",
                          self->name);
        return;
    }
    for (unsigned i = 0; i < yaml_length(value); i++) {
        const char *word = NULL;
        if (yaml_as_text(yaml_at(value, i), self->name, &word, reader->problems))
            g_strv_builder_add(words, word);
    }
    g_strfreev(gate->command);
    gate->command = g_strv_builder_end(words);
}

static void read_headers(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    (void)self;
    GateSpec *gate = reader->into;
    g_strfreev(gate->headers);
    gate->headers = http_headers_read(value, reader->problems);
}

#define GATE(field) G_STRUCT_OFFSET(GateSpec, field)

static const RolloutKey GATE_KEYS[] = {
    {"name", read_text, GATE(name), 0},
    {"sql", read_kind_text, GATE(sql), GATE_SQL},
    {"http", read_kind_text, GATE(url), GATE_HTTP},
    {"exec", read_exec, GATE(command), GATE_EXEC},
    {"url", read_url, GATE(url), 0},
    {"headers", read_headers, GATE(headers), 0},
    {"timeout", read_interval, GATE(timeout_ms), 0},
    {"attempts", read_number, GATE(attempts), 0},
    {"retry_wait", read_duration, GATE(retry_wait_ms), 0},
    {"every", read_interval, GATE(every_ms), 0},
    {0},
};

/* Which keys mean nothing for the kind, or in the place. */
static void check_gate(const YamlNode *node, const char *what, bool throttle, const GateSpec *gate,
                       const RolloutReader *reader)
{
    unsigned kinds = 0;
    for (GateKind kind = GATE_SQL; kind <= GATE_EXEC; kind++)
        kinds += yaml_get(node, gate_kind_name(kind)) != NULL;
    if (kinds != 1)
        diagnostics_error(reader->problems, yaml_place(node), "%s needs exactly one of sql, http and exec",
                          what);
    const struct {
        const char *key;
        bool fits;
        const char *why;
    } rules[] = {{"url", gate->kind == GATE_SQL, "only sql has a url: the database that is asked"},
                 {"headers", gate->kind == GATE_HTTP, "only http has headers"},
                 {"every", throttle, "a gate is asked once: every is a throttle's"},
                 {"attempts", !throttle, "a throttle is asked again and again anyway"},
                 {"retry_wait", !throttle, "a throttle is asked again and again anyway: use every"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rules) && kinds == 1; i++) {
        const YamlNode *value = yaml_get(node, rules[i].key);
        if (value != NULL && !rules[i].fits)
            diagnostics_error(reader->problems, yaml_place(value), "%s: %s", rules[i].key, rules[i].why);
    }
}

char *gate_spec_default_name(const GateSpec *gate)
{
    g_autofree char *words = gate->command != NULL ? g_strjoinv(" ", gate->command) : NULL;
    g_autofree char *url = gate->kind == GATE_HTTP && gate->url != NULL ? gate_url_shown(gate->url) : NULL;
    const char *text = gate->kind == GATE_SQL ? gate->sql : gate->kind == GATE_HTTP ? url : words;
    g_autofree char *line = g_strdelimit(g_strdup(text != NULL ? text : ""), "\r\n\t", ' ');
    if (g_utf8_validate(line, -1, NULL) && g_utf8_strlen(line, -1) > 60) {
        g_autofree char *start = g_utf8_substring(line, 0, 57);
        return g_strdup_printf("%s %s…", gate_kind_name(gate->kind), start);
    }
    return g_strdup_printf("%s %s", gate_kind_name(gate->kind), line);
}

static void warn_of_secret(const YamlNode *node, const GateSpec *gate, const RolloutReader *reader)
{
    const YamlNode *url = yaml_get(node, gate->kind == GATE_HTTP ? "http" : "url");
    if (url != NULL && gate_spec_url_holds_secret(gate))
        diagnostics_warning(reader->problems, yaml_place(url), LITERAL_PASSWORD);
}

static GateSpec *read_gate(const YamlNode *node, const char *what, bool throttle, const RolloutReader *outer)
{
    if (!is_mapping(node, what, outer))
        return NULL;
    GateSpec *gate = g_new0(GateSpec, 1);
    RolloutReader reader = {gate, outer->folder, outer->problems};
    gate->timeout_ms = GATE_TIMEOUT_MS;
    gate->attempts = 1;
    gate->retry_wait_ms = GATE_WAIT_MS;
    gate->every_ms = throttle ? GATE_WAIT_MS : 0;
    gate->place = lasting_place(node);
    read_table(GATE_KEYS, what, node, &reader);
    check_gate(node, what, throttle, gate, &reader);
    warn_of_secret(node, gate, &reader);
    if (gate->name == NULL)
        gate->name = gate_spec_default_name(gate);
    return gate;
}

static void read_gate_list(const YamlNode *value, const char *what, bool throttle, GPtrArray **field,
                           const RolloutReader *reader)
{
    GPtrArray *gates = g_ptr_array_new_with_free_func((GDestroyNotify)gate_spec_free);
    bool list = yaml_kind(value) == YAML_SEQUENCE;
    for (unsigned i = 0; i < (list ? yaml_length(value) : 1); i++) {
        GateSpec *gate = read_gate(list ? yaml_at(value, i) : value, what, throttle, reader);
        if (gate != NULL)
            g_ptr_array_add(gates, gate);
    }
    g_clear_pointer(field, g_ptr_array_unref);
    *field = gates;
}

static void read_gates(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    read_gate_list(value, "a gate", false, FIELD(GPtrArray *, self, reader), reader);
}

static void read_throttles(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    read_gate_list(value, "throttle", true, FIELD(GPtrArray *, self, reader), reader);
}

/* ---- Waves ---- */

/* "canary", "5%", "10", "rest". */
static void wave_take_text(WaveSpec *wave, const char *text)
{
    unsigned count;
    double share;
    wave->kind = WAVE_SELECTOR;
    if (g_str_equal(text, "rest")) {
        wave->kind = WAVE_REST;
    } else if (parse_count_or_share(text, &count, &share)) {
        wave->kind = share < 0 ? WAVE_COUNT : WAVE_SHARE;
        wave->count = count;
        wave->share = share;
    }
    g_free(wave->selector);
    wave->selector = wave->kind == WAVE_SELECTOR ? g_strdup(text) : NULL;
    if (wave->name == NULL)
        wave->name = g_strdup(text);
}

static void read_select(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    const char *text = nonempty(self, value, reader);
    if (text != NULL)
        wave_take_text(reader->into, text);
}

#define WAVE(field) G_STRUCT_OFFSET(WaveSpec, field)

static const RolloutKey WAVE_KEYS[] = {
    {"name", read_text, WAVE(name), 0},
    {"targets", read_select, 0, 0},
    {"max_failures", read_budget, WAVE(max_failures), 0},
    {"max_unreachable", read_budget, WAVE(max_unreachable), 0},
    {"soak", read_duration, WAVE(soak_ms), 0},
    {"confirm", read_choice_flag, WAVE(confirm), 0},
    {"gates", read_gates, WAVE(gates), 0},
    {0},
};

static WaveSpec *read_wave(const YamlNode *node, const RolloutReader *outer)
{
    WaveSpec *wave = g_new0(WaveSpec, 1);
    RolloutReader reader = {wave, outer->folder, outer->problems};
    const RolloutKey plain = {.name = "a wave"};
    wave->soak_ms = wave->confirm = -1;
    wave->place = lasting_place(node);
    if (yaml_kind(node) != YAML_MAPPING) {
        read_select(&plain, node, &reader);
    } else {
        read_table(WAVE_KEYS, "a wave", node, &reader);
        if (yaml_get(node, "targets") == NULL)
            diagnostics_error(outer->problems, yaml_place(node),
                              "a wave needs targets: a selector, a count, a share such as 5%%, or rest");
    }
    bool empty =
        (wave->kind == WAVE_COUNT && wave->count == 0) || (wave->kind == WAVE_SHARE && wave->share <= 0);
    if (empty)
        diagnostics_error(outer->problems, yaml_place(node), "a wave of no targets: take it out");
    return wave;
}

static void check_wave_names(const GPtrArray *waves, const RolloutReader *reader)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < waves->len; i++) {
        const WaveSpec *wave = waves->pdata[i];
        if (wave->name != NULL && !g_hash_table_add(seen, wave->name))
            diagnostics_error(reader->problems, wave->place,
                              "two waves are called '%s': give one a name of its own", wave->name);
        if (wave->kind == WAVE_REST && wave->name != NULL && i + 1 < waves->len)
            diagnostics_error(reader->problems, wave->place,
                              "a wave of the rest must be the last one: nothing is left for those behind it");
    }
}

static void read_waves(const RolloutKey *self, const YamlNode *value, RolloutReader *reader)
{
    GPtrArray **field = FIELD(GPtrArray *, self, reader);
    if (yaml_kind(value) != YAML_SEQUENCE || yaml_length(value) == 0) {
        diagnostics_error(reader->problems, yaml_place(value),
                          "waves must be a list of selectors, counts and shares, as [canary, 5%%, rest]");
        return;
    }
    g_clear_pointer(field, g_ptr_array_unref);
    *field = g_ptr_array_new_with_free_func((GDestroyNotify)wave_spec_free);
    for (unsigned i = 0; i < yaml_length(value); i++)
        g_ptr_array_add(*field, read_wave(yaml_at(value, i), reader));
    check_wave_names(*field, reader);
}

/* ---- The policy ---- */

#define AT(field) G_STRUCT_OFFSET(RolloutPolicy, field)

static const RolloutKey ROLLOUT_KEYS[] = {
    {"jobs", read_number, AT(jobs), 0},
    {"per_host", read_number, AT(per_host), 0},
    {"max_failures", read_budget, AT(max_failures), 0},
    {"max_unreachable", read_budget, AT(max_unreachable), 0},
    {"on_halt", read_on_halt, AT(on_halt), 0},
    {"require_no_drift", read_flag, AT(require_no_drift), 0},
    {"waves", read_waves, AT(waves), 0},
    {"order", read_order, 0, 0},
    {"soak", read_duration, AT(soak_ms), 0},
    {"confirm", read_flag, AT(confirm), 0},
    {"gates", read_gates, AT(gates), 0},
    {"throttle", read_throttles, AT(throttles), 0},
    {"halt_on", read_halt_on, AT(halt_on_new_error), 0},
    {"on_failure", read_on_failure, AT(on_failure), 0},
    {"stop_starting_at", read_stop_starting, AT(stop_starting_at), 0},
    {"approvals", read_number, AT(approvals), 0},
    {"allowed_signers", read_path, AT(allowed_signers), 0},
    {"self_approval", read_flag, AT(self_approval), 0},
    {0},
};

static void check_approvals(const YamlNode *node, const RolloutPolicy *self, Diagnostics *problems)
{
    if (self->approvals > 0 && self->allowed_signers == NULL)
        diagnostics_error(problems, yaml_place(yaml_get(node, "approvals")),
                          "approvals needs allowed_signers: the file that says whose signatures count");
}

void rollout_policy_read(RolloutPolicy *self, const YamlNode *node, const char *folder, Diagnostics *problems)
{
    RolloutReader reader = {self, folder, problems};
    if (yaml_kind(node) == YAML_NULL || !is_mapping(node, "rollout", &reader))
        return;
    read_table(ROLLOUT_KEYS, "rollout", node, &reader);
    check_approvals(node, self, problems);
}

const char **rollout_key_names(RolloutLevel level)
{
    static const RolloutKey *const TABLES[] = {
        [ROLLOUT_POLICY] = ROLLOUT_KEYS, [ROLLOUT_WAVE] = WAVE_KEYS, [ROLLOUT_GATE] = GATE_KEYS};
    return key_names(TABLES[level]);
}
