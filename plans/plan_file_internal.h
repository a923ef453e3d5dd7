/* What the files of the plan file share. */
#pragma once

#include "base/yaml_tree.h"
#include "plans/plan_file.h"

PlanFileStep *plan_file_step_new(void);
PlanFilePath *plan_file_path_new(void);
/* Adds a wave of this name, with its rules if the rollout has some. */
PlanFileWave *plan_file_add_wave(PlanFile *self, const char *name);
/* Takes the target over. */
void plan_file_add_target(PlanFile *self, PlanFileTarget *target);
/* SHA-256 (hex) of a text. */
void plan_file_sum(const char *text, gsize length, char digest[65]);

/* "sizes:", nothing for NULL; and what stands there, NULL for no node. Problems are added. */
void plan_file_sizes_write(const GPtrArray *sizes, GString *out);
GPtrArray *plan_file_sizes_read(const YamlNode *list, Diagnostics *problems);

#define PLAN_FILE_VERSION "1"
#define PLAN_FILE_DIGEST_LINE "\ndigest: "
