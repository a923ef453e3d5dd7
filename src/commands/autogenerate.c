/* dbfleet revision --autogenerate: what leads to the schema files is made for each dialect, put into files,
 * and proven from their text before they are kept. */
#include "cli/prompt.h"
#include "commands/revision_write_internal.h"
#include "commands/schema_try_internal.h"
#include "dev/revision_draft.h"
#include "dev/revision_proof.h"
#include <string.h>

/* One dialect. */
typedef struct Generation {
    SchemaTry *try; /* borrowed */
    ChangeMake *make;
    Scratch *start; /* as the revisions lead, for copies; NULL: the server has none */
} Generation;

typedef struct Autogenerate {
    const Workspace *workspace;
    const DevRequest *request;
    GArray *generations; /* of Generation */
    GPtrArray *notes;    /* of char *: for the first file's head */
} Autogenerate;

static void generation_clear(gpointer data)
{
    Generation *self = data;
    change_make_free(self->make);
    scratch_free(self->start);
}

static void autogenerate_clear(Autogenerate *self)
{
    g_clear_pointer(&self->generations, g_array_unref);
    g_clear_pointer(&self->notes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Autogenerate, autogenerate_clear)

/* For the person who types and for who reads the file. */
static void note(Autogenerate *self, const SchemaTry *try, const char *text)
{
    char *line = g_strconcat(schema_try_prefix(try, self->request), text, NULL);
    command_note(self->workspace->options, line);
    g_ptr_array_add(self->notes, line);
}

/* ---- Making ---- */

/* "column:t.old=new" as a question. Caller frees. */
static char *rename_question(const char *rename)
{
    g_auto(GStrv) parts = g_strsplit_set(rename, ":=", 3);
    return g_strdup_printf(
        "is %s %s renamed to %s? If not, it is dropped with what is in it, and the new one is "
        "created",
        parts[0], parts[1], parts[2]);
}

/* PROMPT_YES if one was meant: then all is made again. */
static PromptAnswer ask_renames(const Generation *self)
{
    for (guint i = 0; i < self->make->possible_renames->len; i++) {
        const char *rename = self->make->possible_renames->pdata[i];
        g_autofree char *question = rename_question(rename);
        PromptAnswer answer = prompt_ask(question);
        if (answer == PROMPT_YES && !schema_hints_add_rename(self->try->schemas.hints, rename, NULL))
            continue;
        if (answer != PROMPT_NO)
            return answer;
    }
    return PROMPT_NO;
}

static void tell_renames(Autogenerate *self, const Generation *generation)
{
    for (guint i = 0; i < generation->make->possible_renames->len; i++) {
        g_autofree char *line =
            g_strdup_printf("%sif this is a rename and not a drop and a create, type it: --rename %s",
                            schema_try_prefix(generation->try, self->request),
                            (char *)generation->make->possible_renames->pdata[i]);
        command_note(self->workspace->options, line);
    }
}

static bool make(Autogenerate *self, Generation *generation, int *exit_code)
{
    SchemaTry *try = generation->try;
    const ChangeRequest change = {.wanted = try->schemas.wanted, .hints = try->schemas.hints};
    PromptAnswer answer = PROMPT_NO;
    do {
        GError *error = NULL;
        change_make_free(generation->make);
        generation->make = change_make(try->schemas.head, &change, &error);
        if (!generation->make) {
            *exit_code = schema_try_fail(try, self->request, error);
            return false;
        }
        if (prompt_possible())
            answer = ask_renames(generation);
        else
            tell_renames(self, generation);
    } while (answer == PROMPT_YES);
    if (answer == PROMPT_NOTHING) {
        *exit_code = command_fail(EXIT_INTERRUPTED, "interrupted; no file is written");
        return false;
    }
    for (guint i = 0; i < generation->make->notes->len; i++)
        note(self, try, generation->make->notes->pdata[i]);
    return true;
}

/* A rename that was typed and names nothing is a mistake. */
static bool renames_are_known(const Autogenerate *self, int *exit_code)
{
    const char *const *renames = options_list(self->workspace->options, "rename");
    for (; *renames; renames++) {
        bool known = false;
        g_autoptr(SchemaHints) one = schema_hints_new();
        schema_hints_add_rename(one, *renames, NULL);
        for (guint i = 0; i < self->generations->len && !known; i++) {
            const Generation *generation = &g_array_index(self->generations, Generation, i);
            g_autoptr(ChangeScript) script = schema_write_renames(generation->try->schemas.before, one);
            g_autoptr(ChangeScript) all =
                schema_write_renames(generation->try->schemas.before, generation->try->schemas.hints);
            known = script->statements->len > 0 || script->refusals->len > 0 ||
                    all->statements->len >= generation->try->typed->renames->len;
        }
        if (known)
            continue;
        *exit_code =
            command_fail(EXIT_CONFIGURATION,
                         "--rename %s: nothing of the old name is there, or nothing of the new one is "
                         "wanted; see \"dbfleet check\" for the names",
                         *renames);
        return false;
    }
    return true;
}

static bool make_all(Autogenerate *self, GPtrArray *tries, int *exit_code)
{
    for (guint i = 0; i < tries->len; i++) {
        Generation new = {.try = tries->pdata[i]};
        if (!schema_try_open(new.try, self->request, exit_code))
            return false;
        new.start = scratch_copy(new.try->schemas.head, NULL);
        g_array_append_val(self->generations, new);
    }
    if (!renames_are_known(self, exit_code))
        return false;
    for (guint i = 0; i < self->generations->len; i++)
        if (!make(self, &g_array_index(self->generations, Generation, i), exit_code))
            return false;
    return true;
}

/* ---- Files ---- */

static GArray *draft_dialects(const Autogenerate *self)
{
    GArray *dialects = g_array_new(FALSE, FALSE, sizeof(DraftDialect));
    for (guint i = 0; i < self->generations->len; i++) {
        const Generation *generation = &g_array_index(self->generations, Generation, i);
        DraftDialect dialect = {generation->try->dialect, generation->make};
        g_array_append_val(dialects, dialect);
    }
    return dialects;
}

/* The files to be. */
typedef struct Files {
    GPtrArray *ids; /* of char * */
    GPtrArray *paths;
    GPtrArray *texts;
    GPtrArray *revisions; /* of Revision *, read from the texts */
} Files;

static void files_init(Files *self)
{
    GPtrArray **const lists[] = {&self->ids, &self->paths, &self->texts};
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        *lists[i] = g_ptr_array_new_with_free_func(g_free);
    self->revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
}

static void files_clear(Files *self)
{
    g_ptr_array_unref(self->ids);
    g_ptr_array_unref(self->paths);
    g_ptr_array_unref(self->texts);
    g_ptr_array_unref(self->revisions);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Files, files_clear)

static char *message_of(const Options *options, unsigned index)
{
    const char *message = options_text(options, "message");
    return index == 0
               ? g_strdup(message ? message : "")
               : g_strdup_printf("%s%spart %u", message ? message : "", message ? ", " : "", index + 1);
}

/* The next file of the chain; the first stands on what was chosen, each other on the one before it. */
static bool add_file(const Autogenerate *self, Files *files, const GPtrArray *parents, const char *sections,
                     GError **error)
{
    static const char *const none[] = {NULL};
    const Options *options = self->workspace->options;
    unsigned index = files->texts->len;
    g_autofree char *message = message_of(options, index);
    const char *id = files->ids->pdata[index];
    const NewRevision revision = {.message = message,
                                  .parents = parents,
                                  .depends_on = index ? none : options_list(options, "depends-on"),
                                  .labels = index ? none : options_list(options, "branch-label"),
                                  .folder = options_text(options, "version-path"),
                                  .dialects = none,
                                  .sections = sections};
    char *text = revision_write_text(self->workspace, &revision, id, error);
    if (!text)
        return false;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_ptr_array_add(files->texts, text);
    g_ptr_array_add(files->paths, revision_write_path(self->workspace, &revision, id));
    Revision *parsed = revision_parse(text, strlen(text), files->paths->pdata[index], NULL, problems);
    if (!parsed) {
        g_autofree char *told = diagnostics_to_string(problems);
        g_set_error(error, SCHEMA_ERROR, SCHEMA_ERROR_UNREACHED,
                    "the revision that was written cannot be read back: %s", told);
        return false;
    }
    g_ptr_array_add(files->revisions, parsed);
    return true;
}

static DraftOptions draft_options(const Autogenerate *self)
{
    return (DraftOptions){.no_down_for_data_loss =
                              options_flag(self->workspace->options, "no-down-for-data-loss"),
                          .notes = self->notes};
}

/* All texts anew: notes may have come since the last time, ids stay. */
static bool write_texts(const Autogenerate *self, const GArray *dialects, Files *files,
                        const GPtrArray *parents, GError **error)
{
    const DraftOptions options = draft_options(self);
    const char *id = options_text(self->workspace->options, "rev-id");
    unsigned count = revision_draft_count(dialects);
    g_ptr_array_set_size(files->texts, 0);
    g_ptr_array_set_size(files->paths, 0);
    g_ptr_array_set_size(files->revisions, 0);
    while (files->ids->len < count)
        g_ptr_array_add(files->ids, files->ids->len == 0 && id ? g_strdup(id) : revision_write_id());
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *sections = revision_draft_text(dialects, i, &options);
        g_autoptr(GPtrArray) last = g_ptr_array_new();
        if (i > 0)
            g_ptr_array_add(last, files->revisions->pdata[i - 1]);
        if (!add_file(self, files, i > 0 ? last : parents, sections, error))
            return false;
    }
    return true;
}

/* ---- Proof ---- */

static Scratch *fresh(gpointer context, GError **error)
{
    const Generation *self = context;
    Scratch *copy = self->start ? scratch_copy(self->start, NULL) : NULL;
    return copy ? copy : track_scratch_at_heads(&self->try->request, self->try->dialect, error);
}

static bool is_irreversible(const GPtrArray *revisions, Dialect dialect)
{
    for (guint i = 0; i < revisions->len; i++)
        if (!revision_section(revisions->pdata[i], SECTION_DOWN, dialect))
            return true;
    return false;
}

/* Behind "FILE:LINE: ", which says nothing once the notes stand above it. */
static const char *without_place(const char *text, const GPtrArray *revisions)
{
    for (guint i = 0; i < revisions->len; i++) {
        const char *file = ((const Revision *)revisions->pdata[i])->file;
        const char *rest = g_str_has_prefix(text, file) ? text + strlen(file) : NULL;
        if (rest && *rest == ':')
            return rest + 1 + strspn(rest + 1, "0123456789: ");
    }
    return text;
}

static void tell_proof(Autogenerate *self, const SchemaTry *try, const GPtrArray *revisions,
                       const RevisionProof *proof)
{
    if (proof->needs_no_rows) {
        char *line =
            g_strdup_printf("%sfails where tables have rows: %s", schema_try_prefix(try, self->request),
                            without_place(proof->needs_no_rows, revisions));
        command_warn("%s", line);
        g_ptr_array_add(self->notes, line);
    }
    for (guint i = 0; proof->empty && i < proof->empty->len; i++) {
        g_autofree char *line =
            g_strdup_printf("%stried without rows in a table, since none that it takes were found: %s",
                            schema_try_prefix(try, self->request), (char *)proof->empty->pdata[i]);
        command_note(self->workspace->options, line);
    }
}

static bool prove(Autogenerate *self, Generation *generation, const GPtrArray *revisions, int *exit_code)
{
    GError *error = NULL;
    SchemaTry *try = generation->try;
    g_auto(RevisionProof) proof = {0};
    g_autoptr(GPtrArray) losses = change_make_data_loss(generation->make);
    const ProofRequest request = {.fresh = fresh,
                                  .context = generation,
                                  .revisions = revisions,
                                  .desired = try->schemas.desired,
                                  .before = try->schemas.before,
                                  .wanted = try->schemas.wanted,
                                  .hints = try->schemas.hints,
                                  .losses = losses,
                                  .variables = try->variables.values,
                                  .no_down = is_irreversible(revisions, try->schemas.head->dialect)};
    if (revision_proof_run(&request, &proof, &error)) {
        tell_proof(self, try, revisions, &proof);
        return true;
    }
    g_prefix_error(&error, "what was written was tried again and not kept: ");
    *exit_code = schema_try_fail(try, self->request, error);
    return false;
}

static int prove_and_keep(Autogenerate *self, const GPtrArray *parents)
{
    GError *error = NULL;
    int code = EXIT_DONE;
    g_auto(Files) files;
    files_init(&files);
    g_autoptr(GArray) dialects = draft_dialects(self);
    if (!write_texts(self, dialects, &files, parents, &error))
        return command_fail_error(EXIT_CONFIGURATION, error);
    for (guint i = 0; i < self->generations->len; i++)
        if (!prove(self, &g_array_index(self->generations, Generation, i), files.revisions, &code))
            return code;
    if (!write_texts(self, dialects, &files, parents, &error))
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_ptr_array_add(files.paths, NULL);
    g_ptr_array_add(files.texts, NULL);
    code = revision_write_files(self->workspace, (const char *const *)files.paths->pdata,
                                (const char *const *)files.texts->pdata);
    bool edit = options_flag(self->workspace->options, "edit");
    return code == EXIT_DONE && edit ? revision_edit_file(self->workspace, files.paths->pdata[0]) : code;
}

/* ---- The command ---- */

static bool options_fit(const Options *options)
{
    const char *id = options_text(options, "rev-id");
    if (options_text(options, "sql-dialects"))
        command_fail(EXIT_USAGE, "--sql-dialects does not go with --autogenerate; --dialects does");
    else if (id && (strchr(id, '/') || !*id))
        command_fail(EXIT_USAGE, "--rev-id: \"%s\" cannot be part of a file name", id);
    else
        return true;
    return false;
}

static int generate(const Workspace *workspace, const DevRequest *request, const GPtrArray *parents)
{
    int code = EXIT_DONE;
    g_autoptr(GPtrArray) tries = schema_tries_new(request, &code);
    g_auto(Autogenerate) self = {.workspace = workspace,
                                 .request = request,
                                 .generations = g_array_new(FALSE, TRUE, sizeof(Generation)),
                                 .notes = g_ptr_array_new_with_free_func(g_free)};
    g_array_set_clear_func(self.generations, generation_clear);
    if (!tries || !make_all(&self, tries, &code))
        return code;
    g_autoptr(GArray) dialects = draft_dialects(&self);
    if (revision_draft_count(dialects) > 0)
        return prove_and_keep(&self, parents);
    command_note(workspace->options,
                 "nothing to do: the revisions lead to what the schema files say; no file is written");
    return EXIT_DONE;
}

int revision_autogenerate(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!options_fit(options))
        return EXIT_USAGE;
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET_IF_ANY, &code))
        return code;
    if (!revision_folder_is_inside(&workspace, options_text(options, "version-path")))
        return EXIT_USAGE;
    g_autoptr(GPtrArray) parents = revision_parents(&workspace, &code);
    if (!parents)
        return code;
    g_auto(DevRequest) request = {0};
    if (!dev_request_open(&request, &workspace, &code))
        return code;
    return dev_request_exit_code(&request, (ExitCode)generate(&workspace, &request, parents));
}
