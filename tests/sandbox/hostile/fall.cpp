/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Dies, spins or sleeps in one callback
 *
 * Which one is in the name of the file: "die-init.so", "spin-computeParams.so",
 * "sleep-start.so". Copies of this module are all of them.
 */

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "hostile.h"

namespace {

void fall(const std::string &how)
{
	if (how == "die")
		abort();
	/* An empty loop without end is no loop to a compiler. */
	while (how == "spin")
		asm volatile("");
	while (how == "sleep")
		sleep(1000);
}

/* Name of this file between the last slash and ".so". */
std::string ownName()
{
	Dl_info info;
	if (!dladdr(reinterpret_cast<void *>(&fall), &info))
		return "die-load";

	std::string name = info.dli_fname;
	name = name.substr(name.rfind('/') + 1);
	return name.substr(0, name.find('.'));
}

class Fall : public hostile::Module
{
public:
	Fall() { at("create"); }

	void at(const char *callback) override
	{
		const std::string name = ownName();
		const size_t dash = name.find('-');
		const bool perFrame = strstr("queueRequest computeParams processStats", callback);
		if (name.substr(dash + 1) == callback && (!perFrame || ++calls_ == hostile::kFrame))
			fall(name.substr(0, dash));
	}

private:
	uint32_t calls_ = 0;
};

/* Before anybody has called anything. */
const bool loading = [] {
	const std::string name = ownName();
	if (name.find("-load") != std::string::npos)
		fall(name.substr(0, name.find('-')));
	return true;
}();

} /* namespace */

HOSTILE_MODULE(Fall)
