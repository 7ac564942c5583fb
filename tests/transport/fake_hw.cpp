/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Server of the fake hardware: fake-hw SOCKET DIRECTORY; says "ready" when it is
 */

#include <iostream>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "isp_sim/server/server.h"
#include "isp_sim/server/sysfs_tree.h"

#include "fake_hardware.h"

int main(int argc, char **argv)
{
	using namespace fovea;

	if (argc != 3)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGTERM);

	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, nullptr);
	OwnedFd signalFd(signalfd(-1, &signals, SFD_CLOEXEC));

	v4l2::EventLoop loop;
	test::FakeHardware hardware(&loop);
	server::SysfsTree tree;
	server::Server server(&loop, { &hardware });
	std::string error;
	if (tree.write(argv[2], { &hardware }, &error) || server.listen(argv[1], &error)) {
		std::cerr << "fake-hw: " << error << "\n";
		return 1;
	}

	loop.addFd(signalFd.get(), 1, [&](uint32_t) { loop.stop(); });
	std::cout << "ready" << std::endl;
	return loop.run() ? 1 : 0;
}
