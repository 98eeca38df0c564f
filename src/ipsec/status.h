/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ipsec/dial.h"
#include "ipsec/ipsec.h"
#include "ipsec/sa.h"

#include <sys/types.h>

/* What IPsec does at this moment, for people. All of it belongs to @ipsec until the loop runs. */

struct ipsec_daemon_status {
	enum ike_daemon_kind kind;
	pid_t pid;	     /* 0: none runs */
	const char *socket;  /* VICI */
	const char *log;     /* its file; "": the operator knows */
	const char *version; /* "5.9.8"; "" as long as it has not told */
	bool has_mlkem;	     /* it can exchange keys by ML-KEM-768, as far as it has told */
	const char *trouble; /* why it cannot be asked; "" if it can */
};
void ipsec_daemon_status(const struct ipsec *ipsec, struct ipsec_daemon_status *ret);

struct ipsec_tunnel_status {
	const char *link;
	enum dial_state state;
	uint64_t state_age_s;
	int64_t established_age_s; /* since it had an established IKE_SA last; -1: never */
	const struct ike_sa *sa;   /* the youngest that carries, else any; NULL: none */
	size_t sas_count;
	const struct child_sa *child; /* of @sa, one that carries; NULL: none */
	uint64_t list_age_s;	      /* ages and counters in these are as of then */
	const char *trouble;	      /* why there is no SA, in words; "" if there is one */
};

/* The tunnel of the interface @link. False if it is none of IPsec. */
bool ipsec_tunnel_status(const struct ipsec *ipsec, const char *link,
			 struct ipsec_tunnel_status *ret);
