// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/backend.h"

#include "babel/program.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Each knows its own files. At most one runs; the other is stopped before. */
struct babel {
	struct program *programs[SPEAKER_PROGRAMS];
};

static bool claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_SPEAKER || object->kind == OBJECT_BABEL_INTERFACE;
}

/* Something of it is there: it runs, or has left routes and files. */
static bool is_there(const struct program *program)
{
	return program->running.number > 0;
}

/* The program that is there; of two the one that is not @wanted, because it has to go first. */
static struct program *find_present(const struct babel *babel, enum speaker_program wanted)
{
	struct program *found = NULL;

	for (size_t i = 0; i < SPEAKER_PROGRAMS; i++)
		if (is_there(babel->programs[i]) &&
		    (!found || babel->programs[i]->type->program != wanted))
			found = babel->programs[i];
	return found;
}

static void observe_interfaces(const struct program *program, struct state *operational)
{
	for (size_t i = 0; i < program->running.interfaces_count; i++) {
		struct object object = {
			.kind = OBJECT_BABEL_INTERFACE,
			.babel_interface = program->running.interfaces[i],
		};

		if (program->type->has_interface(program, object.babel_interface.link))
			(void)state_add(operational, &object);
	}
}

static const struct speaker *find_speaker(const struct state *intended)
{
	const struct object like = { .kind = OBJECT_SPEAKER, .speaker.name = SPEAKER_NAME };
	const struct object *object = state_find(intended, &like);

	return object ? &object->speaker : NULL;
}

static int observe(void *userdata, const struct state *intended, struct state *operational,
		   struct error *error)
{
	const struct speaker *wanted = find_speaker(intended);
	const struct program *program =
		find_present(userdata, wanted ? wanted->program : SPEAKER_BABELD);
	struct object object = { .kind = OBJECT_SPEAKER, .speaker.name = SPEAKER_NAME };
	const struct generation *running = program ? &program->running : NULL;
	bool lives = program && program_lives(program);

	(void)error;
	/*
	 * A dead one has left routes and files: reported where that leads to its deletion. One that
	 * is wanted is started again as if there was none.
	 */
	if (!program || (!lives && wanted && wanted->program == program->type->program))
		return 0;
	object.speaker.program = program->type->program;
	object.speaker.table = running->table;
	memcpy(object.speaker.vrf, running->vrf, sizeof(object.speaker.vrf));
	memcpy(object.speaker.router_id, running->router_id, sizeof(object.speaker.router_id));
	memcpy(object.speaker.digest, running->digest, sizeof(object.speaker.digest));
	(void)state_add(operational, &object);
	if (lives)
		observe_interfaces(program, operational);
	return 0;
}

static bool same_place(const struct generation *running, const struct speaker *speaker)
{
	return running->table == speaker->table && strcmp(running->vrf, speaker->vrf) == 0;
}

static bool same_speaker(const struct generation *running, const struct speaker *speaker)
{
	return same_place(running, speaker) &&
	       memcmp(running->digest, speaker->digest, sizeof(running->digest)) == 0 &&
	       memcmp(running->router_id, speaker->router_id, sizeof(running->router_id)) == 0;
}

/*
 * A program that is not wanted, or that routes elsewhere, is stopped first, with its routes. What
 * is wanted is missing after that, and started when it is seen so.
 */
static int set_speaker(const struct babel *babel, const struct speaker *speaker,
		       const struct state *intended, uint64_t id, struct error *error)
{
	struct program *present = find_present(babel, speaker->program);
	struct program *wanted = babel->programs[speaker->program];

	if (present && (present != wanted || !same_place(&present->running, speaker)))
		return program_stop(present, id, error);
	if (!is_there(wanted))
		for (size_t i = 0; i < SPEAKER_PROGRAMS; i++)
			program_succeed(wanted, babel->programs[i], program_clock_ms(wanted));
	if (program_is_idle(wanted) && program_lives(wanted) &&
	    same_speaker(&wanted->running, speaker))
		return 0;
	return program_start(wanted, speaker, intended, id, error);
}

static int delete_speaker(const struct babel *babel, uint64_t id, struct error *error)
{
	struct program *present = find_present(babel, SPEAKER_BABELD);

	return present ? program_stop(present, id, error) : 0;
}

static int apply_to_interface(const struct babel *babel, const struct operation *operation,
			      const struct state *intended, uint64_t id, struct error *error)
{
	const struct speaker *speaker = find_speaker(intended);
	struct program *program = find_present(babel, speaker ? speaker->program : SPEAKER_BABELD);

	/* It ended since it was observed. */
	if (!program || !program_lives(program))
		return operation->type == OPERATION_DELETE
			       ? 0
			       : error_set(error, -EAGAIN, ERROR_APPLY, SPEAKER_NAME,
					   "there is no routing daemon at the moment");
	if (operation->type == OPERATION_DELETE)
		return program->type->remove_interface(program, &operation->from->babel_interface,
						       intended, id, error);
	return program->type->set_interface(program, &operation->to->babel_interface, intended, id,
					    error);
}

static int apply(void *userdata, const struct operation *operation, const struct state *intended,
		 uint64_t id, struct error *error)
{
	const struct babel *babel = userdata;

	if (operation_object(operation)->kind == OBJECT_BABEL_INTERFACE)
		return apply_to_interface(babel, operation, intended, id, error);
	switch (operation->type) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		return set_speaker(babel, &operation->to->speaker, intended, id, error);
	case OPERATION_DELETE:
		return delete_speaker(babel, id, error);
	}
	return -EINVAL;
}

void babel_free(struct babel *babel)
{
	if (!babel)
		return;
	for (size_t i = 0; i < SPEAKER_PROGRAMS; i++)
		program_free(babel->programs[i]);
	free(babel);
}

int babel_new(const struct babel_options *options, struct babel **ret, struct error *error)
{
	CLEANUP(free) char *log_directory = program_path(options->directory, "log");
	CLEANUP(babel_free) struct babel *babel = NEW(struct babel);
	int result = file_make_directory(log_directory, 0700, error);

	if (result == 0)
		result = babeld_new(options, &babel->programs[SPEAKER_BABELD], error);
	if (result == 0)
		result = bird_new(options, &babel->programs[SPEAKER_BIRD], error);
	for (size_t i = 0; i < SPEAKER_PROGRAMS && result == 0; i++)
		result = program_adopt(babel->programs[i], error);
	if (result < 0)
		return result;
	*ret = TAKE(babel);
	return 0;
}

struct backend babel_backend(struct babel *babel)
{
	return (struct backend) {
		.name = "babel",
		.userdata = babel,
		.claims = claims,
		.observe = observe,
		.apply = apply,
	};
}

/* The one that lives, else the last one that did, else babeld. */
static const struct program *find_shown(const struct babel *babel)
{
	for (size_t i = 0; i < SPEAKER_PROGRAMS; i++)
		if (babel->programs[i]->running.pid > 0)
			return babel->programs[i];
	for (size_t i = 0; i < SPEAKER_PROGRAMS; i++)
		if (is_there(babel->programs[i]))
			return babel->programs[i];
	return babel->programs[SPEAKER_BABELD];
}

void babel_status(const struct babel *babel, struct babel_status *ret)
{
	const struct program *program = find_shown(babel);

	*ret = (struct babel_status) {
		.program = program->type->program,
		.pid = program->running.pid,
		.generation = program->running.number,
	};
	program->type->status(program, ret);
}
