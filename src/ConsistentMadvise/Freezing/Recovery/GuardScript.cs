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
        journal=$1 shift=$2

        # Sets $is: same when $pid is still the process that started at $start, other when it is not, unknown when that cannot be seen. Field 22 of stat, in this
        # time namespace $shift ticks later than written down. The name before it may hold anything, also newlines.
        look() {
          is=unknown text=
          while IFS= read -r line; do text="$text$line "; done < "/proc/$pid/stat"
          set -- ${text##*) }
          if [ $# -ge 20 ]; then
            shift 19
            if [ "$1" = $((start + shift)) ]; then is=same; else is=other; fi
          elif IFS= read -r line < "/proc/$$/stat" && ! kill -0 "$pid"; then
            is=other
          fi
        }

        # Sets $is for the group at $path. A group cannot have been removed while its frozen member is in it; if that is gone, the inode decides. One that
        # is not there may have been removed, or its mount may: a recovery can find out.
        look_at_group() {
          look
          if [ $is = same ]; then
            while IFS= read -r line; do
              case $line in
                0::*) case $path in *"${line#0::}/") return ;; esac ;;
              esac
            done < "/proc/$pid/cgroup"
          fi
          set -- $(ls -di -- "$path")
          if [ $# = 0 ]; then is=unknown; elif [ "$1" = "$inode" ]; then is=same; else is=other; fi
        }

        thaw() {
          case $kind in
            signal)
              look
              if [ $is = same ]; then kill -CONT "$pid" && return; look; fi ;;
            cgroup)
              look_at_group
              if [ $is = same ]; then echo 0 > "${path}cgroup.freeze" && return; look_at_group; fi ;;
            *) return 1 ;;
          esac
          [ $is = other ]
        }

        # The guard is not to be killed for want of memory, where it may say so.
        echo -1000 > "/proc/$$/oom_score_adj"
        echo "ready $$"
        exec >/dev/null
        while read -r line; do :; done

        left=0
        set +f
        for entry in "$journal"/freeze-*; do
          set -f
          IFS=' ' read -r held kind pid start inode pidfd path < "$entry" || { [ -s "$entry" ] && left=1; continue; }
          [ "$held" = 1 ] || continue
          if thaw; then printf 0 1<> "$entry"; else left=1; fi
        done
        [ $left = 1 ] || exec rm -rf -- "$journal"
        """;
}
