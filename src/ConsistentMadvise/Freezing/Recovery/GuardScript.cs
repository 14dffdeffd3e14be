namespace ConsistentMadvise;

/// <summary>The guard's program: POSIX shell, tried with dash and bash.</summary>
/// <remarks>
/// It waits for the end of its input, whose other end the owner of the journal holds, and then thaws what the journal says is held. It thaws
/// with what the shell has built in: starting a program takes longer than all the rest.
/// </remarks>
internal static class GuardScript
{
    public const string Text = """
        exec 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU
        set -f
        journal=$1

        # Whether $pid is still the process that started at $start: field 22 of stat. The name before it may hold anything, also newlines.
        is_target() {
          text=
          while IFS= read -r line; do text="$text$line "; done < "/proc/$pid/stat"
          set -- ${text##*) }
          [ $# -ge 20 ] || return 1
          shift 19
          [ "$1" = "$start" ]
        }

        # Whether $path is still the group it was. A group cannot have been removed while its frozen member is in it; if that is gone, the inode tells.
        is_group() {
          if is_target; then
            while IFS= read -r line; do
              case $line in
                0::*) case $path in *"${line#0::}/") return 0 ;; esac ;;
              esac
            done < "/proc/$pid/cgroup"
          fi
          set -- $(ls -di -- "$path")
          [ "$1" = "$inode" ]
        }

        thaw() {
          case $kind in
            signal) if is_target; then kill -CONT "$pid" || ! is_target; fi ;;
            cgroup) if is_group; then echo 0 > "${path}cgroup.freeze" || ! is_group; fi ;;
            *) return 1 ;;
          esac
        }

        # Whoever must die for want of memory, the guard is not the one, where it may say so.
        echo -1000 > "/proc/$$/oom_score_adj"
        echo "ready $$"
        exec >/dev/null
        while read -r line; do :; done

        left=0
        set +f
        for entry in "$journal"/freeze-*; do
          set -f
          IFS=' ' read -r held kind pid start inode path < "$entry" || continue
          [ "$held" = 1 ] || continue
          if thaw; then printf 0 1<> "$entry"; else left=1; fi
        done
        [ $left = 1 ] || exec rm -rf -- "$journal"
        """;
}
