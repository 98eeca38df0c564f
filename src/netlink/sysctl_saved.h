/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "core/object.h"

/*
 * The record of underlay values that we have changed. One line per value, three fields separated by
 * tabs: path, what we set, what was there before. Values have blanks instead of tabs, which the
 * kernel reads alike.
 */
#define SYSCTL_VALUE_SIZE 128
struct saved_value {
	char path[sizeof(((struct sysctl *)NULL)->path)];
	char set[SYSCTL_VALUE_SIZE];
	char before[SYSCTL_VALUE_SIZE];
};

struct saved_values {
	struct saved_value *items;
	size_t count;
};

/* No file: nothing is saved. A file that was damaged is an error; nothing is guessed. */
int saved_values_read(const char *path, struct saved_values *ret, struct error *error);

/* Atomic. Removes the file when there is nothing left to save. */
int saved_values_write(const struct saved_values *values, const char *path, struct error *error);

void saved_values_done(struct saved_values *values);
CLEANUP_DEFINE_IN_PLACE(struct saved_values, saved_values_done);

/* NULL if nothing is saved for the sysctl. */
struct saved_value *saved_values_find(const struct saved_values *values, const char *sysctl_path);
void saved_values_add(struct saved_values *values, const struct saved_value *value);
void saved_values_remove(struct saved_values *values, struct saved_value *value);
