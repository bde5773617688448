#!/bin/bash -eu
# SPDX-License-Identifier: Apache-2.0
exec fuzz/build.sh
