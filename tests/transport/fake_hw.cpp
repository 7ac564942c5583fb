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

#include "isp_sim/server/machine.h"

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
	server::Machine machine(&loop);
	const auto createFake = [&loop](std::string *) {
		return std::make_unique<test::FakeHardware>(&loop);
	};
	std::string error;
	if (machine.add(createFake, &error) || machine.serve(argv[1], argv[2], &error)) {
		std::cerr << "fake-hw: " << error << "\n";
		return 1;
	}

	loop.addFd(signalFd.get(), 1, [&](uint32_t) { loop.stop(); });
	std::cout << "ready" << std::endl;
	return loop.run() ? 1 : 0;
}
