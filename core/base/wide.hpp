#pragma once

namespace fl {

/// 128-bit intermediates, so that a product of two 64-bit amounts cannot overflow.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

}  // namespace fl
