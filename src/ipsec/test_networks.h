/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For tests: two network namespaces, joined by a cable: *ret_near with 192.0.2.1/24, in which the
 * process is then, and *ret_far with 192.0.2.2/24. Descriptors, to be closed.
 */
void test_networks_make(int *ret_near, int *ret_far);
