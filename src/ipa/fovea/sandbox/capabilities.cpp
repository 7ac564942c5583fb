/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Root's rights
 */

#include "capabilities.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/securebits.h>

/**
 * \file capabilities.h
 * \brief Root's rights
 */

namespace fovea::sandbox {

namespace {

/* The kernel knows at most 64; prctl() tells which is one too many. */
constexpr int kMaxCapability = 64;

/* User 0 is nothing special, and this cannot be changed. */
constexpr int kSecureBits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
			    SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
			    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

struct Sets {
	__user_cap_header_struct header{ _LINUX_CAPABILITY_VERSION_3, 0 };
	__user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
};

} /* namespace */

/**
 * \brief Tell whether the process has any right of root, or may get one by
 * executing a program
 */
bool hasCapabilities()
{
	Sets sets;
	if (syscall(SYS_capget, &sets.header, sets.data) < 0)
		return true;

	for (const __user_cap_data_struct &data : sets.data) {
		if (data.effective || data.permitted || data.inheritable)
			return true;
	}

	return false;
}

/**
 * \brief Give up all rights of root, in every namespace and for ever
 * \param[out] missing Gets an entry if any is left
 *
 * User 0 is an ordinary user from here on, also after executing a program.
 */
void dropCapabilities(MissingLayers *missing)
{
	/* An ordinary user has neither right nor need to do these. */
	prctl(PR_SET_SECUREBITS, kSecureBits, 0, 0, 0);
	for (int i = 0; i < kMaxCapability; i++)
		prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	const Sets none;
	syscall(SYS_capset, &none.header, none.data);

	if (hasCapabilities())
		missing->push_back({ "no capabilities", std::string("capset: ") + strerror(errno),
				     "allow capset() in the container" });
}

} /* namespace fovea::sandbox */
